package org.busbar.emulator.internal.nvme;

import org.busbar.emulator.Fault;
import org.busbar.emulator.NvmeFault;

/** Ends commands that move data with an error. */
final class FailingTrouble extends Trouble {

    private final Each each;
    private final int status;

    FailingTrouble(Fault.ErrorStatus fault) {
        each = new Each(NvmeFault.Queues.IO, fault.every());
        status = fault.status();
    }

    @Override
    int instead(Namespace namespace, long first, long count, boolean write) {
        return each.comes(false) ? status : Status.SUCCESS;
    }
}
