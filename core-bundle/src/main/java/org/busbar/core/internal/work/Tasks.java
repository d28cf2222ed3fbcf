package org.busbar.core.internal.work;

/** Starts threads for code that may block. */
public interface Tasks {

    /** Starts a task on a thread of its own. */
    Task start(String name, Runnable body);

    /** A task that was started. */
    interface Task {

        /** Interrupts its thread. */
        void interrupt();

        /** Returns where it is now, most recent call first. */
        StackTraceElement[] stack();
    }
}
