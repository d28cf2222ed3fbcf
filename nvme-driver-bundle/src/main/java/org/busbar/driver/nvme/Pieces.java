package org.busbar.driver.nvme;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.busbar.block.BlockRange;

/** Ranges, cut so that none is longer than a command takes. Cut one by one: there may be millions of pieces. */
record Pieces(List<BlockRange> ranges, long longest) implements Iterable<BlockRange> {

    @Override
    public Iterator<BlockRange> iterator() {
        return new Cutter(ranges.iterator(), longest);
    }

    private static final class Cutter implements Iterator<BlockRange> {

        private final Iterator<BlockRange> ranges;
        private final long longest;
        private long at;
        private long left;

        Cutter(Iterator<BlockRange> ranges, long longest) {
            this.ranges = ranges;
            this.longest = longest;
        }

        @Override
        public boolean hasNext() {
            return left > 0 || ranges.hasNext();
        }

        @Override
        public BlockRange next() {
            if (!hasNext()) {
                throw new NoSuchElementException("all ranges are cut");
            }
            if (left == 0) {
                BlockRange range = ranges.next();
                at = range.first();
                left = range.count();
            }
            BlockRange piece = new BlockRange(at, Math.min(longest, left));
            at += piece.count();
            left -= piece.count();
            return piece;
        }
    }
}
