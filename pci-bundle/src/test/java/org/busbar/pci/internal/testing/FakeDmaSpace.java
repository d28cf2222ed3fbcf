package org.busbar.pci.internal.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.DmaSpace;

/** A space of addresses that knows what is mapped, and refuses what no IOMMU would allow. */
public final class FakeDmaSpace implements DmaSpace {

    public final Map<Long, Arena> mapped = new TreeMap<>();
    public final Map<Long, Long> sizes = new TreeMap<>();
    private final long chunkSize;
    private final long first;
    private final long last;
    public long limit = Long.MAX_VALUE;
    public boolean unmapFails;
    public int maps;

    public FakeDmaSpace(long chunkSize, long first, long last) {
        this.chunkSize = chunkSize;
        this.first = first;
        this.last = last;
    }

    @Override
    public List<Range> ranges() {
        return List.of(new Range(first, last));
    }

    @Override
    public long pageSize() {
        return 4096;
    }

    @Override
    public long chunkSize() {
        return chunkSize;
    }

    @Override
    public MemorySegment map(long address, long size) throws DmaException {
        return insert(address, size).allocate(size, 4096);
    }

    @Override
    public void map(long address, MemorySegment memory) throws DmaException {
        insert(address, memory.byteSize());
    }

    private Arena insert(long address, long size) throws DmaException {
        if (mappedBytes() + size > limit) {
            throw new DmaException("RLIMIT_MEMLOCK is too small: raise it with ulimit -l");
        }
        if (sizes.entrySet()
                .stream()
                .anyMatch(m -> m.getKey() < address + size && address < m.getKey() + m.getValue())) {
            throw new AssertionError("%x is mapped already".formatted(address));
        }
        if (address < first || address + size - 1 > last || address % 4096 != 0 || size % 4096 != 0) {
            throw new AssertionError("%x cannot be mapped".formatted(address));
        }
        maps++;
        Arena arena = Arena.ofShared();
        mapped.put(address, arena);
        sizes.put(address, size);
        return arena;
    }

    @Override
    public void unmap(long address) {
        if (unmapFails) {
            throw new IllegalStateException("the host does not let go of " + Long.toHexString(address));
        }
        Arena arena = mapped.remove(address);
        if (arena == null) {
            throw new AssertionError("%x is not mapped".formatted(address));
        }
        sizes.remove(address);
        arena.close();
    }

    public long mappedBytes() {
        return sizes.values().stream().mapToLong(Long::longValue).sum();
    }
}
