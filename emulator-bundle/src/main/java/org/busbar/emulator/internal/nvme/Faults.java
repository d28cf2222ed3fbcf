package org.busbar.emulator.internal.nvme;

/** The faults that a controller has. Set from anywhere; the device's thread takes them over between commands. */
final class Faults {

    private volatile FaultSet wanted = FaultSet.NONE;
    private FaultSet now = FaultSet.NONE;

    /** From now on there are these. Any thread. */
    void set(FaultSet faults) {
        wanted = faults;
    }

    /** Takes over what was set. */
    void refresh() {
        now = wanted;
    }

    FaultSet now() {
        return now;
    }
}
