package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.emulator.internal.model.DmaPort;

/** Finds the pieces of memory that a scatter gather list describes (section 4.4). */
final class SglList {

    static final int DESCRIPTOR = 16;

    private static final int DATA_BLOCK = 0;
    private static final int BIT_BUCKET = 1;
    private static final int SEGMENT = 2;
    private static final int LAST_SEGMENT = 3;
    /** Descriptors that a command may have altogether. A list that leads in a circle has more. */
    private static final int MOST = 4096;

    private static final int PER_READ = 64;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final DmaPort dma;
    private final MemorySegment first = Arena.ofAuto().allocate(DESCRIPTOR, 8);
    private final MemorySegment segment = Arena.ofAuto().allocate(PER_READ * DESCRIPTOR, 8);
    private Pieces pieces = new Pieces(0);
    private boolean toDriver;
    private int lengthWrong;
    private long rest;
    /** The segment that comes next, and how long it is: 0 if there is none. */
    private long next;

    private long nextLength;
    private boolean nextIsLast;

    SglList(DmaPort dma) {
        this.dma = dma;
    }

    /**
     * Works out where the data of a command is.
     *
     * @param length bytes that the command transfers
     * @param read whether data goes to the driver: only then a bit bucket takes any
     * @return status
     */
    int gather(Command command, long length, boolean read, Pieces into) {
        command.sgl(first);
        return follow(length, read, Status.SGL_DATA_LENGTH_INVALID, into);
    }

    /** Works out where the metadata of a command is: its metadata pointer is the address of one descriptor. */
    int gatherMetadata(Command command, long length, boolean read, Pieces into) {
        long address = command.metadataPointer();
        if ((address & 7) != 0) {
            return Status.SGL_OFFSET_INVALID;
        }
        if (!dma.read(address, first, 0, DESCRIPTOR)) {
            return Status.DATA_TRANSFER_ERROR;
        }
        return follow(length, read, Status.SGL_METADATA_LENGTH_INVALID, into);
    }

    private int follow(long length, boolean read, int wrongLength, Pieces into) {
        pieces = into;
        rest = length;
        toDriver = read;
        lengthWrong = wrongLength;
        next = 0;
        nextLength = 0;
        nextIsLast = false;
        int status = descriptor(first, 0, true, false);
        int seen = 0;
        while (status == Status.SUCCESS && nextLength > 0) {
            seen += (int) (nextLength / DESCRIPTOR);
            if (seen > MOST) {
                return Status.SGL_COUNT_INVALID;
            }
            status = segment(next, nextLength, nextIsLast);
        }
        return status == Status.SUCCESS && rest > 0 ? wrongLength : status;
    }

    private int segment(long address, long length, boolean last) {
        nextLength = 0;
        long end = address + length;
        for (long at = address; at < end;) {
            long piece = Math.min(end - at, segment.byteSize());
            if (!dma.read(at, segment, 0, piece)) {
                return Status.DATA_TRANSFER_ERROR;
            }
            at += piece;
            for (long offset = 0; offset < piece; offset += DESCRIPTOR) {
                int status = descriptor(segment, offset, at == end && offset + DESCRIPTOR == piece, last);
                if (status != Status.SUCCESS) {
                    return status;
                }
            }
        }
        // A segment that is not the last one ends with a descriptor of the next.
        return last || nextLength > 0 ? Status.SUCCESS : Status.SGL_SEGMENT_INVALID;
    }

    private int descriptor(MemorySegment list, long offset, boolean lastOfSegment, boolean inLastSegment) {
        long address = list.get(LONG, offset);
        long length = Integer.toUnsignedLong(list.get(INT, offset + 8));
        int type = list.get(ValueLayout.JAVA_BYTE, offset + 15) & 0xff;
        return switch (type >>> 4) {
            case DATA_BLOCK -> (type & 0xf) != 0 ? Status.SGL_TYPE_INVALID : take(address, length);
            case BIT_BUCKET -> toDriver ? take(Pieces.NOWHERE, length) : Status.SUCCESS;
            case SEGMENT, LAST_SEGMENT -> {
                if ((type & 0xf) != 0) {
                    yield Status.SGL_TYPE_INVALID;
                }
                if (!lastOfSegment) {
                    yield Status.SGL_COUNT_INVALID;
                }
                if (inLastSegment || length == 0 || length % DESCRIPTOR != 0 || (address & 7) != 0) {
                    yield Status.SGL_SEGMENT_INVALID;
                }
                next = address;
                nextLength = length;
                nextIsLast = type >>> 4 == LAST_SEGMENT;
                yield Status.SUCCESS;
            }
            default -> Status.SGL_TYPE_INVALID;
        };
    }

    private int take(long address, long length) {
        if (length > rest) {
            return lengthWrong;
        }
        if (length == 0) {
            return Status.SUCCESS;
        }
        rest -= length;
        return pieces.add(address, length) ? Status.SUCCESS : Status.SGL_COUNT_INVALID;
    }
}
