package org.busbar.core.internal.work;

import java.time.Instant;

/** Time, and what is to happen when it has come. Thread-safe. */
public interface Scheduler {

    /** Returns the monotonic clock, as {@link System#nanoTime}. */
    long nanoTime();

    /** Returns the time of day. */
    Instant now();

    /** Has a short action run after a delay. */
    Timer schedule(long delayNanos, Runnable action);

    /** A pending action. */
    interface Timer {

        /** Calls the action off, unless it has begun. */
        void cancel();
    }
}
