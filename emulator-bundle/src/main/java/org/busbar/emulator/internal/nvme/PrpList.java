package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.emulator.internal.model.DmaPort;

/**
 * The pieces of memory that a command's PRP entries describe (section 4.3), adjoining ones made one. Filled anew for each
 * command.
 */
final class PrpList {

    /** The most that a command can transfer, in bytes: MDTS of 2^7 pages of 4 KiB. */
    static final int MAX_TRANSFER = 1 << 19;

    private static final int MAX_PIECES = MAX_TRANSFER / 4096 + 1;
    private static final int ENTRY = 8;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment entries = Arena.ofAuto().allocate((MAX_PIECES + 1) * ENTRY, ENTRY);
    private final long[] addresses = new long[MAX_PIECES];
    private final long[] lengths = new long[MAX_PIECES];
    private int count;
    private long page = 4096;

    /** Sets the page size. */
    void page(long bytes) {
        page = bytes;
    }

    /**
     * Works out where the data of a command is.
     *
     * @param length bytes, 1 to {@link #MAX_TRANSFER}
     * @return status
     */
    int gather(DmaPort dma, Command command, long length) {
        count = 0;
        long first = command.prp1();
        if ((first & 3) != 0) {
            return Status.PRP_OFFSET_INVALID;
        }
        long piece = Math.min(length, page - offset(first));
        add(first, piece);
        long rest = length - piece;
        long second = command.prp2();
        if (rest > page) {
            return gatherList(dma, second, rest);
        }
        if (rest > 0) {
            if (offset(second) != 0) {
                return Status.PRP_OFFSET_INVALID;
            }
            add(second, rest);
        }
        return Status.SUCCESS;
    }

    int count() {
        return count;
    }

    long address(int piece) {
        return addresses[piece];
    }

    long length(int piece) {
        return lengths[piece];
    }

    /** Copies from the device to what was gathered; returns the status. */
    int copyOut(DmaPort dma, MemorySegment source) {
        long done = 0;
        for (int i = 0; i < count; i++) {
            if (!dma.write(addresses[i], source, done, lengths[i])) {
                return Status.DATA_TRANSFER_ERROR;
            }
            done += lengths[i];
        }
        return Status.SUCCESS;
    }

    /** Copies what was gathered into the device; returns the status. */
    int copyIn(DmaPort dma, MemorySegment target) {
        long done = 0;
        for (int i = 0; i < count; i++) {
            if (!dma.read(addresses[i], target, done, lengths[i])) {
                return Status.DATA_TRANSFER_ERROR;
            }
            done += lengths[i];
        }
        return Status.SUCCESS;
    }

    private int gatherList(DmaPort dma, long start, long length) {
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
                    add(entry, piece);
                    rest -= piece;
                }
            }
        }
        return Status.SUCCESS;
    }

    private void add(long address, long length) {
        if (count > 0 && addresses[count - 1] + lengths[count - 1] == address) {
            lengths[count - 1] += length;
            return;
        }
        addresses[count] = address;
        lengths[count] = length;
        count++;
    }

    private long offset(long address) {
        return address & (page - 1);
    }
}
