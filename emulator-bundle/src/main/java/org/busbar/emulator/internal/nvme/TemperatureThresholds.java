package org.busbar.emulator.internal.nvme;

/** Temperature Threshold (section 5.21.1.4): an upper and a lower one, for the composite temperature only. */
final class TemperatureThresholds implements Feature {

    private static final int UPPER = 0;
    private static final int LOWER = 1;
    private static final int COMPOSITE = 0;
    private static final int ALL_SENSORS = 0xf;
    private static final int UPPER_INITIAL = Health.WARNING_TEMPERATURE;
    private static final int LOWER_INITIAL = 0;

    private final Runnable changed;
    private int upper = UPPER_INITIAL;
    private int lower = LOWER_INITIAL;

    /**
     * @param changed told when a threshold was set
     */
    TemperatureThresholds(Runnable changed) {
        this.changed = changed;
    }

    /** Returns whether a temperature, in Kelvin, has reached a threshold. */
    boolean crossed(int kelvin) {
        return kelvin >= upper || kelvin <= lower;
    }

    @Override
    public int set(Command command) {
        int value = command.dword(11);
        int sensor = (value >>> 16) & 0xf;
        int which = (value >>> 20) & 3;
        if ((sensor != COMPOSITE && sensor != ALL_SENSORS) || which > LOWER || value >>> 22 != 0) {
            return Status.INVALID_FIELD;
        }
        if (which == UPPER) {
            upper = value & 0xffff;
        } else {
            lower = value & 0xffff;
        }
        changed.run();
        return Status.SUCCESS;
    }

    @Override
    public int get(Command command, boolean initial) {
        int sensor = (command.dword(11) >>> 16) & 0xf;
        int which = (command.dword(11) >>> 20) & 3;
        if (sensor != COMPOSITE || which > LOWER) {
            return Status.INVALID_FIELD;
        }
        if (which == UPPER) {
            command.result(initial ? UPPER_INITIAL : upper);
        } else {
            command.result(initial ? LOWER_INITIAL : lower);
        }
        return Status.SUCCESS;
    }

    @Override
    public void reset() {
        upper = UPPER_INITIAL;
        lower = LOWER_INITIAL;
    }
}
