package org.busbar.pci.internal.context;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;
import org.busbar.pci.host.DmaSpace.Range;

/** One mapping of DMA memory, carved up by the page. Not thread-safe. */
final class DmaChunk {

    private final long address;
    private final MemorySegment memory;
    private final long size;
    private final RangeAllocator pages;

    DmaChunk(long address, MemorySegment memory, long size, long pageSize) {
        this.address = address;
        this.memory = memory;
        this.size = size;
        pages = new RangeAllocator(List.of(new Range(address, address + size - 1)), pageSize);
    }

    long address() {
        return address;
    }

    long size() {
        return size;
    }

    OptionalLong take(long bytes) {
        return pages.take(bytes);
    }

    void give(long pieceAddress, long bytes) {
        pages.give(pieceAddress, bytes);
    }

    boolean isEmpty() {
        return pages.freeBytes() == size;
    }

    MemorySegment memoryAt(long pieceAddress, long bytes) {
        return memory.asSlice(pieceAddress - address, bytes);
    }

    /** The same mapping, with nothing of it taken. */
    DmaChunk fresh(long pageSize) {
        return new DmaChunk(address, memory, size, pageSize);
    }
}
