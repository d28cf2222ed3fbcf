package org.busbar.emulator.internal.nvme;

import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Raises interrupts for completions, put together as the driver has asked for (Interrupt Coalescing and Interrupt Vector
 * Configuration, sections 5.21.1.8 and 5.21.1.9). The admin queue is not waited for.
 */
final class Coalescing {

    private static final long TIME_UNIT = 100_000;
    private static final int DISABLED = 1 << 16;

    private final IntConsumer raise;
    private final int[] entries = new int[Doorbells.QUEUES];
    private final long[] since = new long[Doorbells.QUEUES];
    private final int[] vectors = new int[Doorbells.QUEUES];
    /** Vectors with entries that nobody was told of. */
    private long waiting;
    /** As in the feature: one entry less than it takes, and the time in 100 microseconds. */
    private int setting;

    Coalescing(IntConsumer raise) {
        this.raise = raise;
    }

    /** Sets Interrupt Coalescing, without effect while either part is 0. */
    void setting(int value) {
        setting = value;
    }

    /** Sets the configuration of a vector: bit 16 exempts it. */
    void vector(int vector, int value) {
        vectors[vector] = value & DISABLED;
    }

    int vector(int vector) {
        return vectors[vector];
    }

    /** An entry was posted to a queue that has this vector. */
    void posted(int vector) {
        long bit = 1L << vector;
        if ((waiting & bit) == 0) {
            waiting |= bit;
            entries[vector] = 0;
            // Time is looked at only where it counts.
            since[vector] = setting == 0 ? 0 : System.nanoTime();
        }
        entries[vector]++;
    }

    /** Raises what is due; returns in how many nanoseconds something else will be, or {@code Long.MAX_VALUE}. */
    long announce() {
        long next = Long.MAX_VALUE;
        for (long rest = waiting; rest != 0; rest &= rest - 1) {
            int vector = Long.numberOfTrailingZeros(rest);
            long left = left(vector);
            if (left <= 0) {
                waiting &= ~(1L << vector);
                raise.accept(vector);
            } else {
                next = Math.min(next, left);
            }
        }
        return next;
    }

    private long left(int vector) {
        int threshold = (setting & 0xff) + 1;
        long time = ((setting >>> 8) & 0xff) * TIME_UNIT;
        boolean exempt = vector == 0 || time == 0 || (vectors[vector] & DISABLED) != 0;
        if (exempt || entries[vector] >= threshold) {
            return 0;
        }
        return since[vector] + time - System.nanoTime();
    }

    /** Forgets everything, settings too. */
    void clear() {
        waiting = 0;
        setting = 0;
        Arrays.fill(vectors, 0);
    }
}
