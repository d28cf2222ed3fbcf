package org.busbar.emulator.internal.nvme;

/** Counts commands, and says which of them a fault is for. */
interface Occasion {

    /** Counts a command of the admin queue or another; returns whether it is one for the fault. */
    boolean comes(boolean admin);
}
