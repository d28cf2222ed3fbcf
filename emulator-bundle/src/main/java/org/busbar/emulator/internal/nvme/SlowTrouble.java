package org.busbar.emulator.internal.nvme;

/** Has completions of I/O commands come late. */
final class SlowTrouble extends Trouble {

    private final long nanos;

    SlowTrouble(long nanos) {
        this.nanos = nanos;
    }

    @Override
    void completing(Completion completion, boolean admin) {
        if (!admin && completion.delay != Completion.NEVER) {
            completion.delay = nanos;
        }
    }
}
