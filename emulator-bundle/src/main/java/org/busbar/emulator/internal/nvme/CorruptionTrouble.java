package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.busbar.emulator.NvmeFault;

/** Flips a bit in the first block of writes, behind the back of everything that would notice. */
final class CorruptionTrouble extends Trouble {

    private static final int WHERE = 100;
    private static final int BIT = 1 << 3;

    private final Each each;
    private final MemorySegment octet = Arena.ofAuto().allocate(1);

    CorruptionTrouble(int every) {
        each = new Each(NvmeFault.Queues.IO, every);
    }

    @Override
    void written(Namespace namespace, long first, long count) {
        if (each.comes(false)) {
            long offset = (first << namespace.blockShift()) + WHERE;
            namespace.data().get(offset, octet, 0, 1);
            Fields.set8(octet, 0, Fields.get8(octet, 0) ^ BIT);
            namespace.data().put(offset, octet, 0, 1);
        }
    }
}
