package org.busbar.emulator;

import java.time.Duration;

/** What can be made to go wrong with a card. */
public sealed interface Fault
        permits Fault.ErrorStatus, Fault.LostCompletion, Fault.SlowCompletion, Fault.StuckReset, Fault.BadConfigSpace,
        Fault.LinkDown, NvmeFault, NicFault {

    /**
     * Commands that move data end with an error status.
     *
     * @param every 1 for all of them, n for each n-th
     * @param status NVMe status code type and code, {@code SCT << 8 | SC}, for example 0x281 for an unrecovered read
     *     error
     */
    record ErrorStatus(int every, int status) implements Fault {}

    /**
     * Completions are lost: the work is done, and nobody is told.
     *
     * @param every 1 for all of them, n for each n-th
     */
    record LostCompletion(int every) implements Fault {}

    /**
     * Completions come late.
     *
     * @param delay by how much
     */
    record SlowCompletion(Duration delay) implements Fault {}

    /** A reset or enable never ends: the ready bit does not change any more. */
    record StuckReset() implements Fault {}

    /** Configuration space has a capability list that points into itself, and base address registers that make no sense. */
    record BadConfigSpace() implements Fault {}

    /** A NIC's cable is out: its link is down. */
    record LinkDown() implements Fault {}
}
