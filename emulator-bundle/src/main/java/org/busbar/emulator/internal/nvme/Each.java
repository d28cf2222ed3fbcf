package org.busbar.emulator.internal.nvme;

import org.busbar.emulator.NvmeFault;

/** Each n-th command. */
final class Each implements Occasion {

    private final boolean wantsAdmin;
    private final int every;
    private int count;

    Each(NvmeFault.Queues queues, int every) {
        wantsAdmin = queues == NvmeFault.Queues.ADMIN;
        this.every = every;
    }

    @Override
    public boolean comes(boolean admin) {
        if (admin != wantsAdmin) {
            return false;
        }
        count = (count + 1) % every;
        return count == 0;
    }
}
