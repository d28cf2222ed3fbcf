package org.busbar.emulator.internal.nvme;

import java.util.SplittableRandom;
import org.busbar.emulator.NvmeFault;

/** Reports random submission queue heads. */
final class HeadTrouble extends Trouble {

    private final boolean wantsAdmin;
    private final SplittableRandom random;

    HeadTrouble(NvmeFault.GarbageHead fault) {
        wantsAdmin = fault.queues() == NvmeFault.Queues.ADMIN;
        random = new SplittableRandom(fault.seed());
    }

    @Override
    void completing(Completion completion, boolean admin) {
        if (admin == wantsAdmin) {
            completion.head = random.nextInt(1 << 16);
        }
    }
}
