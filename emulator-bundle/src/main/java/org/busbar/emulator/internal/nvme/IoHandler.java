package org.busbar.emulator.internal.nvme;

/** Carries out a command for a namespace. */
@FunctionalInterface
interface IoHandler {

    /** Carries a command out; returns its status. */
    int execute(Command command, Namespace namespace);
}
