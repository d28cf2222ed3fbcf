package org.busbar.emulator.internal.nvme;

/** Carries out a command. */
@FunctionalInterface
interface Handler {

    /** Carries a command out; returns its status, or {@link Status#NONE} if it stays outstanding. */
    int execute(Command command);
}
