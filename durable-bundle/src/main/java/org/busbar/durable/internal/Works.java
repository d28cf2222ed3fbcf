package org.busbar.durable.internal;

import java.util.concurrent.Executor;

/** Threads and time. */
interface Works {

    /** Runs what changes volumes, one after the other. */
    Executor changes();

    /** Runs what waits for devices. */
    Executor tasks();

    /** Runs something among the changes, later. */
    void later(Runnable action, long nanos);

    /** The monotonic clock. */
    long nanoTime();
}
