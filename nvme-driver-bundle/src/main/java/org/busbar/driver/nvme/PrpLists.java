package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.busbar.block.BlockRange;
import org.busbar.pci.DmaBuffer;

/**
 * A piece of memory for each command slot, in which lists go that the device reads: physical region pages (NVMe Base 1.4,
 * section 4.3), SGL descriptors (4.4) or ranges of blocks. For one thread at a time; allocates nothing after construction.
 */
final class PrpLists {

    static final int PAGE = 4096;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int ENTRY = Long.BYTES;
    private static final int DESCRIPTOR = 16;

    /** Dataset Management (6.7): attributes, length, starting LBA. */
    private static final int RANGE = 16;

    /** Copy, format 0 (NVM command set 1.0, section 3.2.2): eight reserved bytes, starting LBA, zero-based length, tags. */
    private static final int COPY_RANGE = 32;

    private final DmaBuffer buffer;
    private final MemorySegment memory;
    private final long listBytes;

    private PrpLists(DmaBuffer buffer, long listBytes) {
        this.buffer = buffer;
        this.memory = buffer.memory();
        this.listBytes = listBytes;
    }

    /** Bytes per list: a power of two and at most a page, so that no list crosses a page and none has to be chained. */
    static long listBytes(long maxTransfer) {
        long entries = maxTransfer / PAGE + 1;
        return Math.max(64, Long.highestOneBit(entries * ENTRY - 1) << 1);
    }

    /** How many SGL descriptors or ranges to deallocate a list holds. */
    static int descriptors(long maxTransfer) {
        return (int) (listBytes(maxTransfer) / DESCRIPTOR);
    }

    /** How many ranges to copy a list holds. */
    static int copyRanges(long maxTransfer) {
        return (int) (listBytes(maxTransfer) / COPY_RANGE);
    }

    static PrpLists in(DmaBuffer buffer, long maxTransfer) {
        long listBytes = listBytes(maxTransfer);
        if (listBytes > PAGE) {
            throw new IllegalArgumentException("a transfer of " + maxTransfer + " bytes needs more than one list");
        }
        return new PrpLists(buffer, listBytes);
    }

    /** The device's address of a slot's list. */
    long address(int slot) {
        return buffer.address() + slot * listBytes;
    }

    /** Whether a transfer touches more than two pages, so that its PRP entries need a list. */
    static boolean needsList(long address, long bytes) {
        return address + bytes > (address & -PAGE) + 2 * PAGE;
    }

    /** Returns PRP entry 2 for a transfer whose PRP entry 1 is {@code address}, having filled the command's list. */
    long second(int slot, long address, long bytes) {
        long next = (address & -PAGE) + PAGE;
        long end = address + bytes;
        if (end <= next) {
            return 0;
        }
        if (end <= next + PAGE) {
            return next;
        }
        pages(slot * listBytes, next, end);
        return address(slot);
    }

    /** Returns PRP entry 2 for pieces that meet at page boundaries; PRP entry 1 is the first piece's address. */
    long second(int slot, NvmeVector pieces) {
        long list = slot * listBytes;
        long at = list;
        for (int i = 0; i < pieces.count(); i++) {
            long address = pieces.address(i);
            long start = i == 0 ? (address & -PAGE) + PAGE : address;
            at = pages(at, start, address + pieces.length(i));
        }
        return switch ((int) ((at - list) / ENTRY)) {
            case 0 -> 0;
            case 1 -> memory.get(LONG, list);
            default -> address(slot);
        };
    }

    private long pages(long list, long start, long end) {
        long at = list;
        for (long page = start; page < end; page += PAGE) {
            memory.set(LONG, at, page);
            at += ENTRY;
        }
        return at;
    }

    /** Fills a command's list with an SGL data block descriptor for each piece (4.4.1: type 0h, sub type 0h). */
    void descriptors(int slot, NvmeVector pieces) {
        long at = slot * listBytes;
        for (int i = 0; i < pieces.count(); i++) {
            memory.set(LONG, at, pieces.address(i));
            memory.set(LONG, at + 8, pieces.length(i));
            at += DESCRIPTOR;
        }
    }

    /** Fills a command's list with ranges to deallocate. */
    void ranges(int slot, List<BlockRange> ranges) {
        long at = slot * listBytes;
        for (int i = 0; i < ranges.size(); i++) {
            BlockRange range = ranges.get(i);
            memory.set(INT, at, 0);
            memory.set(INT, at + 4, (int) range.count());
            memory.set(LONG, at + 8, range.first());
            at += RANGE;
        }
    }

    /** Fills a command's list with ranges to copy, whose reference tags are their blocks' numbers. */
    void copyRanges(int slot, List<BlockRange> ranges) {
        long at = slot * listBytes;
        for (int i = 0; i < ranges.size(); i++) {
            BlockRange range = ranges.get(i);
            memory.set(LONG, at, 0);
            memory.set(LONG, at + 8, range.first());
            memory.set(LONG, at + 16, range.count() - 1);
            memory.set(LONG, at + 24, range.first() & 0xffff_ffffL);
            at += COPY_RANGE;
        }
    }

    void release() {
        buffer.close();
    }
}
