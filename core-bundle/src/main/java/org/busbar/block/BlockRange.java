package org.busbar.block;

/**
 * Blocks in a row.
 *
 * @param first the first of them
 * @param count how many, at least 1
 */
public record BlockRange(long first, long count) {

    public BlockRange {
        if (first < 0 || count < 1 || first > Long.MAX_VALUE - count) {
            throw new IllegalArgumentException(
                    "a range is 1 or more blocks from 0 on, not " + count + " from " + first);
        }
    }
}
