package org.busbar.emulator.internal.nic;

import org.busbar.emulator.internal.model.DeviceModel;

/**
 * Holds causes back until nothing has happened for a while, but not for too long (RDTR and RADV, TIDV and TADV: in units of
 * 1,024 ns; 82574: sections 7.1.11 and 7.2.7; 8254x manual: sections 3.2.7.2 and 3.4.3). Device's thread only.
 */
final class DelayTimer {

    private static final long UNIT = 1024;

    private int causes;
    private long quiet;
    private long latest;

    void reset() {
        causes = 0;
    }

    /**
     * Something has happened.
     *
     * @param delay how long nothing is to happen, in units; 0 for no wait at all
     * @param absolute how long to wait at most, in units; 0 for ever
     * @return the causes to raise at once
     */
    int happened(int raised, int delay, int absolute, long now) {
        if (delay == 0) {
            int all = causes | raised;
            causes = 0;
            return all;
        }
        if (causes == 0) {
            latest = absolute == 0 ? Long.MAX_VALUE : now + UNIT * absolute;
        }
        causes |= raised;
        quiet = now + UNIT * delay;
        return 0;
    }

    /** Returns the causes whose time has come, or all of them if software does not want to wait any longer. */
    int take(long now, boolean flush) {
        if (causes == 0 || (!flush && due(now) > 0)) {
            return 0;
        }
        int all = causes;
        causes = 0;
        return all;
    }

    /** Returns in how many nanoseconds causes are to be raised. */
    long due(long now) {
        if (causes == 0) {
            return DeviceModel.IDLE;
        }
        long first = latest == Long.MAX_VALUE ? quiet - now : Math.min(quiet - now, latest - now);
        return Math.max(0, first);
    }
}
