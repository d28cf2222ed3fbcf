package org.busbar.emulator.internal.nic;

/**
 * When messages may be sent: not before an interval has passed since the one before (ITR, EITR: in units of 256 ns; 82574:
 * section 7.4.4; 8254x manual: section 3.2.7.1). Guarded by its owner.
 */
final class Throttle {

    private static final long UNIT = 256;

    private final long[] interval;
    private final long[] next;
    private final boolean[] used;

    Throttle(int vectors) {
        interval = new long[vectors];
        next = new long[vectors];
        used = new boolean[vectors];
    }

    void reset() {
        for (int i = 0; i < interval.length; i++) {
            interval[i] = 0;
            used[i] = false;
        }
    }

    /** Takes over a register. An interval that has begun is not changed, unless it is given up altogether. */
    void interval(int vector, int units) {
        interval[vector] = UNIT * (units & 0xffff);
        used[vector] &= interval[vector] != 0;
    }

    /** Returns in how many nanoseconds a vector's message may be sent; 0 now. */
    long wait(int vector, long now) {
        return used[vector] ? Math.max(0, next[vector] - now) : 0;
    }

    /** A message was sent. */
    void sent(int vector, long now) {
        if (interval[vector] != 0) {
            used[vector] = true;
            next[vector] = now + interval[vector];
        }
    }
}
