package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.pci.DmaBuffer;

/**
 * Physical region pages (NVMe Base 1.4, section 4.3) for transfers whose device addresses are contiguous: one list per
 * command identifier, made in advance. For one thread at a time; allocates nothing after construction.
 */
final class PrpLists {

    static final int PAGE = 4096;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

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
        return Math.max(64, Long.highestOneBit(entries * 8 - 1) << 1);
    }

    static PrpLists in(DmaBuffer buffer, long maxTransfer) {
        long listBytes = listBytes(maxTransfer);
        if (listBytes > PAGE) {
            throw new IllegalArgumentException("a transfer of " + maxTransfer + " bytes needs more than one list");
        }
        return new PrpLists(buffer, listBytes);
    }

    /** Returns PRP entry 2 for a transfer whose PRP entry 1 is {@code address}, having filled the command's list. */
    long second(int cid, long address, long bytes) {
        long next = (address & -PAGE) + PAGE;
        long end = address + bytes;
        if (end <= next) {
            return 0;
        }
        if (end <= next + PAGE) {
            return next;
        }
        long at = cid * listBytes;
        for (long page = next, slot = at; page < end; page += PAGE, slot += 8) {
            memory.set(LONG, slot, page);
        }
        return buffer.address() + at;
    }

    void release() {
        buffer.close();
    }
}
