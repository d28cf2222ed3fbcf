package org.busbar.driver.nvme;

import java.util.List;
import org.busbar.block.BlockRange;
import org.busbar.pci.DmaBuffer;

/**
 * Makes the data pointers of commands (NVMe Base 1.4, section 4.2, figure 105, DPTR): PRP entries, or an SGL descriptor
 * where the controller has SGLs and PRP entries would need a list, or cannot describe the pieces. The pointer last made
 * is read by {@link #first}, {@link #second} and {@link #transferType}. For one thread at a time; allocates nothing.
 */
final class DataPointers {

    /** PSDT 01b in command dword 0: SGL for data, metadata contiguous. */
    private static final int SGL = 1 << 14;

    /** SGL descriptor types (4.4.1) in the highest byte of a descriptor: data block, and the last segment of a list. */
    private static final long DATA_BLOCK = 0L;

    private static final long LAST_SEGMENT = 3L << 60;

    private final PrpLists lists;
    private final boolean hasSgls;
    private final int maxPieces;
    private long first;
    private long second;
    private int transferType;

    DataPointers(DmaBuffer buffer, long maxTransfer, boolean hasSgls) {
        this.lists = PrpLists.in(buffer, maxTransfer);
        this.hasSgls = hasSgls;
        this.maxPieces = PrpLists.descriptors(maxTransfer);
    }

    /** How many pieces a vector may have. */
    int maxPieces() {
        return maxPieces;
    }

    /** No data. */
    void none() {
        set(0, 0, 0);
    }

    /** One piece of memory. */
    void contiguous(int slot, long address, long bytes) {
        if (hasSgls && PrpLists.needsList(address, bytes)) {
            set(address, bytes | DATA_BLOCK, SGL);
        } else {
            set(address, lists.second(slot, address, bytes), 0);
        }
    }

    /**
     * Several pieces.
     *
     * @throws IllegalArgumentException if the controller cannot take them
     */
    void pieces(int slot, NvmeVector pieces) {
        if (pieces.count() == 1) {
            contiguous(slot, pieces.address(0), pieces.length(0));
        } else if (pieces.isInPages()) {
            set(pieces.address(0), lists.second(slot, pieces), 0);
        } else {
            lists.descriptors(slot, pieces);
            set(lists.address(slot), 16L * pieces.count() | LAST_SEGMENT, SGL);
        }
    }

    /** Checks that {@link #pieces} can describe a vector. */
    void check(NvmeVector pieces) {
        if (pieces.count() > 1 && !pieces.isInPages() && !hasSgls) {
            throw new IllegalArgumentException("the controller has no SGLs: pieces have to meet at multiples of "
                    + PrpLists.PAGE + " bytes");
        }
    }

    /** Ranges to deallocate. */
    void ranges(int slot, List<BlockRange> ranges) {
        lists.ranges(slot, ranges);
        set(lists.address(slot), 0, 0);
    }

    /** Ranges to copy. */
    void copyRanges(int slot, List<BlockRange> ranges) {
        lists.copyRanges(slot, ranges);
        set(lists.address(slot), 0, 0);
    }

    private void set(long newFirst, long newSecond, int type) {
        first = newFirst;
        second = newSecond;
        transferType = type;
    }

    long first() {
        return first;
    }

    long second() {
        return second;
    }

    /** The bits of command dword 0 that say which kind of pointer it is. */
    int transferType() {
        return transferType;
    }

    void release() {
        lists.release();
    }
}
