package org.busbar.emulator.internal.nvme;

import java.util.SplittableRandom;
import org.busbar.emulator.NvmeFault;

/** Makes completions random. */
final class GarbageCompletionTrouble extends Trouble {

    private final Each each;
    private final SplittableRandom random;

    GarbageCompletionTrouble(NvmeFault.GarbageCompletion fault) {
        each = new Each(fault.queues(), fault.every());
        random = new SplittableRandom(fault.seed());
    }

    @Override
    void completing(Completion completion, boolean admin) {
        if (each.comes(admin)) {
            completion.command = random.nextInt(1 << 16);
            completion.status = random.nextInt(1 << 15);
            completion.result = random.nextInt();
            completion.head = random.nextInt(1 << 16);
            completion.queue = random.nextInt(1 << 16);
            completion.wrongPhase = random.nextBoolean();
        }
    }
}
