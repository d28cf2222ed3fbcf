package org.busbar.core.internal.work;

/** Runs messages one after the other, in the order in which they were posted. */
public interface Worker {

    /** Posts a message. Returns false, and drops it, once the worker has stopped. */
    boolean post(Runnable message);

    /** Returns whether the calling thread is the worker's. */
    boolean isCurrent();

    /** Has the worker end after the messages that were posted so far. */
    void stop();
}
