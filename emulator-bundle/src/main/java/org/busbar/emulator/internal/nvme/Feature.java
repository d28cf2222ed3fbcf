package org.busbar.emulator.internal.nvme;

/** A feature that can be got and set (section 5.21.1). None can be saved. */
interface Feature {

    /** Sets it, from dword 11; returns the status. */
    int set(Command command);

    /**
     * Gets it; returns the status and puts the value into the completion.
     *
     * @param initial whether the default is asked for instead of the value
     */
    int get(Command command, boolean initial);

    /** The controller was reset. */
    void reset();
}
