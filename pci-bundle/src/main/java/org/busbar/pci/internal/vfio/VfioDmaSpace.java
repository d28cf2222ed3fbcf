package org.busbar.pci.internal.vfio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.busbar.device.Deadline;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.MemoryCalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Memory for a device, pinned by the kernel, and mapped by the IOMMU: anonymous, or somebody else's. Thread-safe. */
final class VfioDmaSpace implements DmaSpace {

    private static final Logger LOG = LoggerFactory.getLogger(VfioDmaSpace.class);
    private static final long LARGE_CHUNK = 2 << 20;
    /** All devices share what may be pinned: where that is little, none takes a large part for its first page. */
    private static final long SMALL_CHUNK = 256 << 10;
    private static final long PATIENCE_MILLIS = 1_000;

    private final DmaMappings container;
    private final Consumer<Arena> stranded;
    private final List<Range> ranges;
    private final long pageSize;
    private final long chunkSize;
    private final String address;
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final Map<Long, Mapping> mappings = new HashMap<>();
    private boolean closed;

    private record Mapping(Arena arena, long size) {}

    /** Where memory comes from. */
    @FunctionalInterface
    private interface Source {
        MemorySegment memory(Arena arena) throws ErrnoException;
    }

    /** @param stranded takes over memory that the device may reach until its group is closed */
    VfioDmaSpace(
            DmaMappings container, IommuInfo info, List<Range> ranges, String address, Consumer<Arena> stranded) {
        this.container = container;
        this.stranded = stranded;
        this.ranges = List.copyOf(ranges);
        this.pageSize = Math.max(info.pageSize(), MemoryCalls.pageSize());
        this.chunkSize = LockLimit.now().isPlentyFor(LARGE_CHUNK) ? LARGE_CHUNK : SMALL_CHUNK;
        this.address = address;
    }

    @Override
    public List<Range> ranges() {
        return ranges;
    }

    @Override
    public long pageSize() {
        return pageSize;
    }

    @Override
    public long chunkSize() {
        return chunkSize;
    }

    @Override
    public MemorySegment map(long iova, long size) throws DmaException {
        return map(
                iova,
                size,
                arena -> MemoryCalls.map(
                        arena,
                        size,
                        MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE,
                        MemoryCalls.MAP_PRIVATE | MemoryCalls.MAP_ANONYMOUS,
                        -1,
                        0,
                        "DMA memory of " + address));
    }

    /** The kernel pins any memory of this process. What is then freed with the mapping is an arena with nothing in it. */
    @Override
    public void map(long iova, MemorySegment memory) throws DmaException {
        if ((memory.address() & pageSize - 1) != 0) {
            throw new IllegalArgumentException("%s does not begin with a page of %d".formatted(memory, pageSize));
        }
        map(iova, memory.byteSize(), arena -> memory);
    }

    private MemorySegment map(long iova, long size, Source source) throws DmaException {
        check(iova, size);
        lock.lock();
        try {
            if (closed) {
                throw new DmaException(address + " is closed");
            }
            if (mappings.containsKey(iova)) {
                throw new IllegalArgumentException("0x%x is mapped already".formatted(iova));
            }
            Arena arena = Arena.ofShared();
            try {
                MemorySegment memory = source.memory(arena);
                container.map(memory, iova);
                mappings.put(iova, new Mapping(arena, size));
                return memory;
            } catch (ErrnoException e) {
                arena.close();
                throw DmaFailures.explain(address, size, LockLimit.now(), e);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void unmap(long iova) {
        lock.lock();
        try {
            Mapping mapping = mappings.remove(iova);
            if (mapping != null && !release(iova, mapping)) {
                throw new IllegalStateException("%s: the memory at 0x%x cannot be unmapped".formatted(address, iova));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Unmaps everything that is left. No more can be mapped. */
    void close() {
        lock.lock();
        try {
            closed = true;
            mappings.forEach(this::release);
            mappings.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Returns false if the device can still reach the memory, which then neither is freed nor has its address used again. */
    private boolean release(long iova, Mapping mapping) {
        try {
            container.unmap(iova, mapping.size);
        } catch (ErrnoException e) {
            LOG.error("{}: {} bytes stay mapped for the device at 0x{} until its IOMMU group is closed",
                    address, mapping.size, Long.toHexString(iova), e);
            stranded.accept(mapping.arena);
            return false;
        }
        if (!Arenas.close(mapping.arena, Deadline.afterMillis(PATIENCE_MILLIS))) {
            LOG.error("{}: {} bytes of DMA memory are lost: a system call of this program is still using them",
                    address, mapping.size);
        }
        return true;
    }

    private void check(long iova, long size) {
        boolean fits = size > 0
                && ((iova | size) & pageSize - 1) == 0
                && ranges.stream().anyMatch(range -> iova >= range.first() && size - 1 <= range.last() - iova);
        if (!fits) {
            throw new IllegalArgumentException("%d bytes at 0x%x are not whole pages of %d within %s"
                    .formatted(size, iova, pageSize, ranges));
        }
    }
}
