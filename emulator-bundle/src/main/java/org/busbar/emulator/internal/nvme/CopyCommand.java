package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.NvmeOptions.Feature;

/** Copy (NVM Command Set 1.0, section 3.2.2) from source ranges of format 0. */
final class CopyCommand {

    /** Blocks that a source range may have: MSSRL. */
    static final int MAX_RANGE_BLOCKS = 2048;
    /** Blocks that a command may copy: MCL. */
    static final int MAX_BLOCKS = 8192;
    /** Source ranges that a command may have: MSRC, which says one less. */
    static final int MAX_RANGES = 64;

    private static final int OPCODE = 0x19;
    private static final int RANGE = 32;
    private static final int FORCE_UNIT_ACCESS = 1 << 30;
    private static final int ACT = 1 << 3;

    private final NvmeOptions options;
    private final DataPointer pointer;
    private final BlockBuffer buffer;
    private final FlushCommand flush;
    private final Faults faults;
    private final MemorySegment ranges = Arena.ofAuto().allocate(256 * RANGE, 8);
    private final ProtectionTags from = new ProtectionTags();
    private final ProtectionTags to = new ProtectionTags();

    CopyCommand(NvmeOptions options, DataPointer pointer, BlockBuffer buffer, FlushCommand flush, Faults faults) {
        this.options = options;
        this.pointer = pointer;
        this.buffer = buffer;
        this.flush = flush;
        this.faults = faults;
    }

    void register(IoCommands commands) {
        if (options.has(Feature.COPY)) {
            commands.add(OPCODE, CommandTable.CHANGES_BLOCKS, this::execute);
        }
    }

    private int execute(Command command, Namespace namespace) {
        int count = (command.dword(12) & 0xff) + 1;
        int format = (command.dword(12) >>> 8) & 0xf;
        int readInfo = (command.dword(12) >>> 12) & 0xf;
        int writeInfo = (command.dword(12) >>> 26) & 0xf;
        if (format != 0 || ((readInfo ^ writeInfo) & ACT) != 0) {
            return Status.INVALID_FIELD;
        }
        if (count > MAX_RANGES) {
            return Status.SIZE_LIMIT_EXCEEDED;
        }
        int status = pointer.fetch(command, ranges, 0, (long) count * RANGE);
        if (status == Status.SUCCESS) {
            status = check(command, namespace, count);
        }
        long target = command.firstBlock();
        to.of(writeInfo, command.dword(14), command.dword(15));
        for (int i = 0; status == Status.SUCCESS && i < count; i++) {
            from.of(readInfo, Fields.get32(ranges, at(i) + 24), Fields.get32(ranges, at(i) + 28));
            status = copy(namespace, first(i), blocks(i), target);
            target += blocks(i);
            // Dword 0: the lowest source range that was not copied, if one was not.
            command.result(status == Status.SUCCESS ? 0 : i);
        }
        return status != Status.SUCCESS
                ? status
                : flush.written(namespace, (command.dword(12) & FORCE_UNIT_ACCESS) != 0);
    }

    private int check(Command command, Namespace namespace, int count) {
        long total = 0;
        for (int i = 0; i < count; i++) {
            total += blocks(i);
            if (blocks(i) > MAX_RANGE_BLOCKS || total > MAX_BLOCKS) {
                return Status.SIZE_LIMIT_EXCEEDED;
            }
            if (namespace.outside(first(i), blocks(i))) {
                return Status.LBA_OUT_OF_RANGE;
            }
        }
        return namespace.outside(command.firstBlock(), total)
                ? Status.LBA_OUT_OF_RANGE
                : faults.now().instead(namespace, command.firstBlock(), total, true);
    }

    private int copy(Namespace namespace, long first, int count, long target) {
        int status = Protection.validate(namespace, from, first);
        if (status == Status.SUCCESS) {
            status = Protection.validate(namespace, to, target);
        }
        if (status == Status.SUCCESS) {
            status = faults.now().instead(namespace, first, count, false);
        }
        for (int done = 0; status == Status.SUCCESS && done < count;) {
            int piece = Math.min(count - done, BlockBuffer.room(namespace));
            buffer.load(namespace, first + done, piece);
            status = Protection.check(namespace, from, buffer, piece);
            if (status == Status.SUCCESS) {
                status = store(namespace, target + done, piece);
            }
            from.advance(piece);
            to.advance(piece);
            done += piece;
        }
        return status;
    }

    private int store(Namespace namespace, long target, int count) {
        if (namespace.protection() > 0 && to.act()) {
            Protection.generate(namespace, to, buffer, count);
        } else {
            int status = Protection.check(namespace, to, buffer, count);
            if (status != Status.SUCCESS) {
                return status;
            }
        }
        return buffer.store(namespace, target, count);
    }

    private static long at(int range) {
        return (long) range * RANGE;
    }

    private long first(int range) {
        return Fields.get64(ranges, at(range) + 8);
    }

    private int blocks(int range) {
        return Fields.get16(ranges, at(range) + 16) + 1;
    }
}
