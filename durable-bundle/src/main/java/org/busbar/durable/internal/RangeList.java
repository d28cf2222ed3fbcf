package org.busbar.durable.internal;

import java.util.AbstractList;
import java.util.List;
import org.busbar.block.BlockRange;

/** A copy of a request's ranges; allocates only when there are more than ever before. */
final class RangeList extends AbstractList<BlockRange> {

    private BlockRange[] ranges = new BlockRange[0];
    private int count;

    void copyOf(List<BlockRange> other) {
        int size = other.size();
        if (ranges.length < size) {
            ranges = new BlockRange[size];
        }
        for (int i = 0; i < size; i++) {
            ranges[i] = other.get(i);
        }
        count = size;
    }

    @Override
    public BlockRange get(int index) {
        if (index >= count) {
            throw new IndexOutOfBoundsException(index);
        }
        return ranges[index];
    }

    @Override
    public int size() {
        return count;
    }
}
