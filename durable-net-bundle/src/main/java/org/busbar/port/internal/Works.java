package org.busbar.port.internal;

import java.util.concurrent.Executor;

/** Threads and time. */
interface Works {

    /** Runs what changes ports, one after the other. */
    Executor changes();

    /** Runs what may take a driver's time. */
    Executor tasks();

    /** Runs something among the changes, later. */
    void later(Runnable action, long nanos);

    /** The monotonic clock. */
    long nanoTime();
}
