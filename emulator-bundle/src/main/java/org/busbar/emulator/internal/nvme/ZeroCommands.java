package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.NvmeOptions.Feature;

/** Write Zeroes and Dataset Management (sections 6.16 and 6.7). */
final class ZeroCommands {

    private static final int WRITE_ZEROES = 0x08;
    private static final int DATASET_MANAGEMENT = 0x09;
    private static final int MAY_DEALLOCATE = 1 << 25;
    private static final int FORCE_UNIT_ACCESS = 1 << 30;
    private static final int DEALLOCATE = 1 << 2;
    private static final int RANGE = 16;
    private static final int MAX_RANGES = 256;

    private final NvmeOptions options;
    private final DataPointer pointer;
    private final BlockBuffer buffer;
    private final FlushCommand flush;
    private final Faults faults;
    private final ProtectionTags tags = new ProtectionTags();
    private final MemorySegment ranges = Arena.ofAuto().allocate(MAX_RANGES * RANGE, 8);

    ZeroCommands(NvmeOptions options, DataPointer pointer, BlockBuffer buffer, FlushCommand flush, Faults faults) {
        this.options = options;
        this.pointer = pointer;
        this.buffer = buffer;
        this.flush = flush;
        this.faults = faults;
    }

    void register(IoCommands commands) {
        if (options.has(Feature.ZEROES)) {
            commands.add(WRITE_ZEROES, CommandTable.CHANGES_BLOCKS, this::writeZeroes);
        }
        if (options.has(Feature.DEALLOCATE)) {
            commands.add(DATASET_MANAGEMENT, CommandTable.CHANGES_BLOCKS, this::manage);
        }
    }

    private int writeZeroes(Command command, Namespace namespace) {
        int count = command.blockCount();
        long first = command.firstBlock();
        if (namespace.outside(first, count)) {
            return Status.LBA_OUT_OF_RANGE;
        }
        int status = Protection.validate(namespace, tags.of(command), first);
        if (status == Status.SUCCESS) {
            status = faults.now().instead(namespace, first, count, true);
        }
        if (status != Status.SUCCESS) {
            return status;
        }
        if (namespace.metadata() == null || (command.dword(12) & MAY_DEALLOCATE) != 0) {
            namespace.deallocate(first, count);
        } else {
            status = zero(namespace, first, count);
        }
        return status != Status.SUCCESS
                ? status
                : flush.written(namespace, (command.dword(12) & FORCE_UNIT_ACCESS) != 0);
    }

    private int zero(Namespace namespace, long first, int count) {
        int status = Status.SUCCESS;
        buffer.zero();
        for (int done = 0; status == Status.SUCCESS && done < count;) {
            int piece = Math.min(count - done, BlockBuffer.room(namespace));
            if (namespace.protection() > 0 && tags.act()) {
                Protection.generate(namespace, tags, buffer, piece);
                tags.advance(piece);
            }
            status = buffer.store(namespace, first + done, piece);
            done += piece;
        }
        return status;
    }

    /** What is deallocated reads as zeros; hints are noted and not acted upon. */
    private int manage(Command command, Namespace namespace) {
        int count = (command.dword(10) & 0xff) + 1;
        int status = pointer.fetch(command, ranges, 0, (long) count * RANGE);
        if (status != Status.SUCCESS || (command.dword(11) & DEALLOCATE) == 0) {
            return status;
        }
        for (int i = 0; i < count; i++) {
            if (namespace.outside(first(i), blocks(i))) {
                return Status.LBA_OUT_OF_RANGE;
            }
        }
        for (int i = 0; i < count; i++) {
            namespace.deallocate(first(i), blocks(i));
        }
        return Status.SUCCESS;
    }

    private long blocks(int range) {
        return Integer.toUnsignedLong(Fields.get32(ranges, (long) range * RANGE + 4));
    }

    private long first(int range) {
        return Fields.get64(ranges, (long) range * RANGE + 8);
    }
}
