package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;

/** A fault at work: a controller asks it at these points. Does nothing unless told otherwise. On the device's thread. */
abstract class Trouble {

    /** Returns by how many nanoseconds the controller is late to get ready, to stop being so, and to shut down. */
    long transitionDelay() {
        return 0;
    }

    /** A command was fetched. Returns whether the controller fails instead of carrying it out. */
    boolean fatal(boolean admin) {
        return false;
    }

    /** A command that moves data is about to. Returns the status that it ends with instead, or 0. */
    int instead(Namespace namespace, long first, long count, boolean write) {
        return 0;
    }

    /** Blocks were written. */
    void written(Namespace namespace, long first, long count) {}

    /** An Identify data structure is about to be sent. */
    void identified(MemorySegment data) {}

    /** A log page is about to be sent. */
    void logged(MemorySegment data) {}

    /** A command is complete. */
    void completing(Completion completion, boolean admin) {}

    /** Returns whether commands can be aborted. */
    boolean obeysAborts() {
        return true;
    }
}
