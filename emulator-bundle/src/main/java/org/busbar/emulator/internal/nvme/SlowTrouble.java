package org.busbar.emulator.internal.nvme;

import org.busbar.emulator.NvmeFault;

/** Has completions come late. */
final class SlowTrouble extends Trouble {

    private final boolean wantsAdmin;
    private final long nanos;

    SlowTrouble(NvmeFault.Queues queues, long nanos) {
        wantsAdmin = queues == NvmeFault.Queues.ADMIN;
        this.nanos = nanos;
    }

    @Override
    void completing(Completion completion, boolean admin) {
        if (admin == wantsAdmin && completion.delay != Completion.NEVER) {
            completion.delay = nanos;
        }
    }
}
