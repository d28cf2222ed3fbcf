package org.busbar.emulator.internal.nvme;

import org.busbar.emulator.NvmeFault;

/** One command, the n-th of its kind. */
final class Once implements Occasion {

    private final boolean wantsAdmin;
    private int left;

    Once(NvmeFault.Queues queues, int command) {
        wantsAdmin = queues == NvmeFault.Queues.ADMIN;
        left = command;
    }

    @Override
    public boolean comes(boolean admin) {
        if (admin != wantsAdmin || left == 0) {
            return false;
        }
        left--;
        return left == 0;
    }
}
