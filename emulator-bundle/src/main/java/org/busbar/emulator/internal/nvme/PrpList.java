package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.emulator.internal.model.DmaPort;

/** Finds the pieces of memory that a command's PRP entries describe (section 4.3). */
final class PrpList {

    private static final int ENTRY = 8;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final DmaPort dma;
    private final MemorySegment entries =
            Arena.ofAuto().allocate((DataPointer.MAX_TRANSFER / 4096 + 2) * ENTRY, ENTRY);
    private long page = 4096;

    PrpList(DmaPort dma) {
        this.dma = dma;
    }

    /** Sets the page size. */
    void page(long bytes) {
        page = bytes;
    }

    /**
     * Works out where the data of a command is.
     *
     * @param length bytes, 1 to {@link DataPointer#MAX_TRANSFER}
     * @return status
     */
    int gather(Command command, long length, Pieces pieces) {
        long first = command.prp1();
        if ((first & 3) != 0) {
            return Status.PRP_OFFSET_INVALID;
        }
        long piece = Math.min(length, page - offset(first));
        pieces.add(first, piece);
        long rest = length - piece;
        long second = command.prp2();
        if (rest > page) {
            return gatherList(second, rest, pieces);
        }
        if (rest > 0) {
            if (offset(second) != 0) {
                return Status.PRP_OFFSET_INVALID;
            }
            pieces.add(second, rest);
        }
        return Status.SUCCESS;
    }

    private int gatherList(long start, long length, Pieces pieces) {
        long list = start;
        long rest = length;
        if ((list & (ENTRY - 1)) != 0) {
            return Status.PRP_OFFSET_INVALID;
        }
        while (rest > 0) {
            long pages = (rest + page - 1) / page;
            long room = (page - offset(list)) / ENTRY;
            boolean continued = pages > room;
            int read = (int) Math.min(pages, room);
            if (!dma.read(list, entries, 0, (long) read * ENTRY)) {
                return Status.DATA_TRANSFER_ERROR;
            }
            for (int i = 0; i < read; i++) {
                long entry = entries.getAtIndex(LONG, i);
                if (offset(entry) != 0) {
                    return Status.PRP_OFFSET_INVALID;
                }
                if (continued && i == read - 1) {
                    list = entry;
                } else {
                    long piece = Math.min(rest, page);
                    pieces.add(entry, piece);
                    rest -= piece;
                }
            }
        }
        return Status.SUCCESS;
    }

    private long offset(long address) {
        return address & (page - 1);
    }
}
