package org.busbar.emulator.internal.nvme;

import org.busbar.emulator.NvmeFault;

/** Has the controller fail when it fetches a certain command. */
final class FatalTrouble extends Trouble {

    private final Once once;

    FatalTrouble(NvmeFault.Fatal fault) {
        once = new Once(fault.queues(), fault.command());
    }

    @Override
    boolean fatal(boolean admin) {
        return once.comes(admin);
    }
}
