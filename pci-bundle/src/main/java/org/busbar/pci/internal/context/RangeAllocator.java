package org.busbar.pci.internal.context;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.busbar.pci.host.DmaSpace.Range;

/**
 * Hands out page-aligned pieces of address ranges, first fit, and joins what comes back with its neighbours. Addresses
 * are unsigned and may reach up to 2^64 - 1. The page at address 0 is never handed out: 0 means "none" to many devices.
 * Not thread-safe.
 */
final class RangeAllocator {

    /** Free pieces: first address to last address, inclusive. Neighbours never touch, but for borders of ranges. */
    private final NavigableMap<Long, Long> free = new TreeMap<>(Long::compareUnsigned);

    private final long pageSize;

    RangeAllocator(List<Range> ranges, long pageSize) {
        if (Long.bitCount(pageSize) != 1) {
            throw new IllegalArgumentException("a page size is a power of two, not " + pageSize);
        }
        this.pageSize = pageSize;
        for (Range range : ranges) {
            addAligned(range);
        }
    }

    private void addAligned(Range range) {
        long mask = -pageSize;
        long first = range.first() == 0 ? pageSize : (range.first() + pageSize - 1) & mask;
        long last = ((range.last() + 1) & mask) - 1;
        boolean firstWrapped = Long.compareUnsigned(first, range.first()) < 0;
        boolean lastWrapped = last == -1 && range.last() != -1;
        if (!firstWrapped && !lastWrapped && Long.compareUnsigned(first, last) < 0) {
            free.put(first, last);
        }
    }

    /**
     * Takes a piece.
     *
     * @param size a multiple of the page size, at least one page
     * @return its first address, or nothing if no free piece is large enough
     */
    OptionalLong take(long size) {
        requirePages(size);
        Iterator<Map.Entry<Long, Long>> pieces = free.entrySet().iterator();
        while (pieces.hasNext()) {
            Map.Entry<Long, Long> piece = pieces.next();
            long first = piece.getKey();
            long last = piece.getValue();
            if (Long.compareUnsigned(last - first, size - 1) >= 0) {
                pieces.remove();
                if (last - first != size - 1) {
                    free.put(first + size, last);
                }
                return OptionalLong.of(first);
            }
        }
        return OptionalLong.empty();
    }

    /**
     * Gives back what {@link #take} returned.
     *
     * @throws IllegalArgumentException if any of it is free already
     */
    void give(long address, long size) {
        requirePages(size);
        long first = address;
        long last = address + size - 1;
        Map.Entry<Long, Long> before = free.floorEntry(last);
        if (before != null && Long.compareUnsigned(before.getValue(), first) >= 0) {
            throw new IllegalArgumentException("%x to %x is free already".formatted(first, last));
        }
        if (before != null && before.getValue() + 1 == first) {
            first = before.getKey();
        }
        Long after = last == -1 ? null : free.remove(last + 1);
        free.put(first, after == null ? last : after);
    }

    /** Returns the bytes that are free, modulo 2^64. */
    long freeBytes() {
        return free.entrySet()
                .stream()
                .mapToLong(piece -> piece.getValue() - piece.getKey() + 1)
                .sum();
    }

    /** Returns in how many pieces the free bytes are. */
    int pieces() {
        return free.size();
    }

    private void requirePages(long size) {
        if (size <= 0 || size % pageSize != 0) {
            throw new IllegalArgumentException(size + " bytes are no whole pages of " + pageSize);
        }
    }
}
