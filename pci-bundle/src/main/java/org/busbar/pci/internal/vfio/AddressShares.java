package org.busbar.pci.internal.vfio;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import org.busbar.pci.host.DmaSpace.Range;

/**
 * Divides the addresses of an IOMMU context among the functions of its group. They see the same mappings, so no two may
 * use the same address; that they can reach each other's memory is what being in one group means. A group of one function,
 * the usual case, has one share: everything. Otherwise each share has a part of each range, so that every function gets
 * some low addresses. Not thread-safe.
 */
final class AddressShares {

    private final List<Range> ranges;
    private final long pageSize;
    private final int count;
    private final BitSet taken = new BitSet();
    private final BitSet retired = new BitSet();

    /**
     * @param ranges whole pages, ascending
     * @param count how many shares to make, at least 1
     */
    AddressShares(List<Range> ranges, long pageSize, int count) {
        this.ranges = ranges;
        this.pageSize = pageSize;
        this.count = count;
    }

    /** Takes a share; nothing if all are taken. */
    OptionalInt take() {
        BitSet used = (BitSet) taken.clone();
        used.or(retired);
        int share = used.nextClearBit(0);
        if (share >= count) {
            return OptionalInt.empty();
        }
        taken.set(share);
        return OptionalInt.of(share);
    }

    /** Gives a share back. */
    void give(int share) {
        taken.clear(share);
    }

    /** Has a share not taken again: something may still be mapped at its addresses. */
    void retire(int share) {
        retired.set(share);
    }

    /** Returns whether no share is taken. */
    boolean isIdle() {
        return taken.isEmpty();
    }

    /** Returns the addresses of a share. */
    List<Range> of(int share) {
        List<Range> part = new ArrayList<>();
        for (Range range : ranges) {
            long pages = (range.last() + 1 - range.first()) / pageSize / count;
            if (pages > 0) {
                long first = range.first() + share * pages * pageSize;
                part.add(new Range(first, first + pages * pageSize - 1));
            }
        }
        return part;
    }
}
