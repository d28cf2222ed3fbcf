package org.busbar.emulator.internal.nvme;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.emulator.internal.model.DmaPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The NVM command set (NVMe 1.4, section 6). */
final class IoCommands {

    static final int FLUSH = 0x00;
    static final int WRITE = 0x01;
    static final int READ = 0x02;
    static final int COMPARE = 0x05;
    static final int WRITE_ZEROES = 0x08;
    static final int DATASET_MANAGEMENT = 0x09;

    private static final Logger LOG = LoggerFactory.getLogger(IoCommands.class);
    private static final int ALL_NAMESPACES = 0xffff_ffff;
    private static final int FORCE_UNIT_ACCESS = 1 << 30;
    private static final int DEALLOCATE = 1 << 2;
    private static final int RANGE = 16;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final BlockStorage storage;
    private final int blockSize;
    private final long blocks;
    private final DmaPort dma;
    private final PrpList prps;
    private final Features features;
    private final Counters counters;
    /** For commands whose data is looked at rather than stored. */
    private final MemorySegment scratch = Arena.ofAuto().allocate(PrpList.MAX_TRANSFER, 8);

    IoCommands(
            BlockStorage storage, int blockSize, DmaPort dma, PrpList prps, Features features, Counters counters) {
        this.storage = storage;
        this.blockSize = blockSize;
        this.dma = dma;
        this.prps = prps;
        this.features = features;
        this.counters = counters;
        blocks = storage.size() / blockSize;
    }

    /** Carries a command out; returns its status. */
    int execute(Command command, NvmeFaults faults) {
        if (command.isFusedOrSgl()) {
            return Status.INVALID_FIELD;
        }
        int opcode = command.opcode();
        if (command.namespace() != 1 && !(opcode == FLUSH && command.namespace() == ALL_NAMESPACES)) {
            return Status.INVALID_NAMESPACE;
        }
        try {
            return switch (opcode) {
                case READ, WRITE, COMPARE -> transfer(command, opcode, faults);
                case FLUSH -> flush();
                case WRITE_ZEROES -> writeZeroes(command);
                case DATASET_MANAGEMENT -> manage(command);
                default -> Status.INVALID_OPCODE;
            };
        } catch (InternalError e) {
            // How the JVM reports that a page of a mapped file cannot be had: truncated, or the disk is full.
            LOG.error("The file of an emulated SSD cannot be accessed", e);
            return opcode == READ ? Status.UNRECOVERED_READ : Status.WRITE_FAULT;
        }
    }

    /** Makes written data durable. */
    int flush() {
        try {
            storage.flush();
            return Status.SUCCESS;
        } catch (IOException e) {
            LOG.error("What was written to an emulated SSD cannot be made durable", e);
            return Status.WRITE_FAULT;
        }
    }

    private int transfer(Command command, int opcode, NvmeFaults faults) {
        long count = (command.dword(12) & 0xffffL) + 1;
        long length = count * blockSize;
        if (length > PrpList.MAX_TRANSFER) {
            return Status.INVALID_FIELD;
        }
        if (outside(command.firstBlock(), count)) {
            return Status.LBA_OUT_OF_RANGE;
        }
        int error = faults.nextError();
        int status = error != 0 ? error : prps.gather(dma, command, length);
        if (status != Status.SUCCESS) {
            return status;
        }
        long offset = command.firstBlock() * blockSize;
        return switch (opcode) {
            case READ -> read(offset, count);
            case WRITE -> write(command, offset, count);
            default -> compare(offset, length);
        };
    }

    private int read(long offset, long count) {
        long at = offset;
        for (int i = 0; i < prps.count(); i++) {
            int status = storage.copyOut(dma, at, prps.address(i), prps.length(i));
            if (status != Status.SUCCESS) {
                return status;
            }
            at += prps.length(i);
        }
        counters.read(count * blockSize);
        return Status.SUCCESS;
    }

    private int write(Command command, long offset, long count) {
        long at = offset;
        for (int i = 0; i < prps.count(); i++) {
            int status = storage.copyIn(dma, at, prps.address(i), prps.length(i));
            if (status != Status.SUCCESS) {
                return status;
            }
            at += prps.length(i);
        }
        counters.written(count * blockSize);
        boolean durable = (command.dword(12) & FORCE_UNIT_ACCESS) != 0 || !features.writeCache();
        return durable ? flush() : Status.SUCCESS;
    }

    private int compare(long offset, long length) {
        int status = prps.copyIn(dma, scratch);
        if (status != Status.SUCCESS) {
            return status;
        }
        return storage.matches(offset, scratch, 0, length) ? Status.SUCCESS : Status.COMPARE_FAILURE;
    }

    private int writeZeroes(Command command) {
        long count = (command.dword(12) & 0xffffL) + 1;
        if (outside(command.firstBlock(), count)) {
            return Status.LBA_OUT_OF_RANGE;
        }
        storage.zero(command.firstBlock() * blockSize, count * blockSize);
        return features.writeCache() ? Status.SUCCESS : flush();
    }

    /** Dataset Management (section 6.7): what is deallocated reads as zeros; hints are noted and not acted upon. */
    private int manage(Command command) {
        int ranges = (command.dword(10) & 0xff) + 1;
        int status = prps.gather(dma, command, (long) ranges * RANGE);
        if (status == Status.SUCCESS) {
            status = prps.copyIn(dma, scratch);
        }
        if (status != Status.SUCCESS || (command.dword(11) & DEALLOCATE) == 0) {
            return status;
        }
        for (int i = 0; i < ranges; i++) {
            if (outside(first(i), count(i))) {
                return Status.LBA_OUT_OF_RANGE;
            }
        }
        for (int i = 0; i < ranges; i++) {
            storage.zero(first(i) * blockSize, count(i) * blockSize);
        }
        return Status.SUCCESS;
    }

    private long count(int range) {
        return Integer.toUnsignedLong(scratch.get(INT, (long) range * RANGE + 4));
    }

    private long first(int range) {
        return scratch.get(LONG, (long) range * RANGE + 8);
    }

    private boolean outside(long first, long count) {
        return first < 0 || count > blocks || first > blocks - count;
    }
}
