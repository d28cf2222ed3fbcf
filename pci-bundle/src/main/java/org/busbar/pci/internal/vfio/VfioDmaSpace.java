package org.busbar.pci.internal.vfio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.MemoryCalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Memory for a device: anonymous, pinned by the kernel, and mapped by the IOMMU. Thread-safe. */
final class VfioDmaSpace implements DmaSpace {

    private static final Logger LOG = LoggerFactory.getLogger(VfioDmaSpace.class);
    private static final long LARGE_CHUNK = 2 << 20;
    /** All devices share what may be pinned: where that is little, none takes a large part for its first page. */
    private static final long SMALL_CHUNK = 256 << 10;
    private static final long PATIENCE_MILLIS = 1_000;

    private final VfioContainer container;
    private final List<Range> ranges;
    private final long pageSize;
    private final long chunkSize;
    private final String address;
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final Map<Long, Mapping> mappings = new HashMap<>();
    private boolean closed;

    private record Mapping(Arena arena, long size) {}

    VfioDmaSpace(VfioContainer container, IommuInfo info, List<Range> ranges, String address) {
        this.container = container;
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
                MemorySegment memory = MemoryCalls.map(
                        arena,
                        size,
                        MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE,
                        MemoryCalls.MAP_PRIVATE | MemoryCalls.MAP_ANONYMOUS,
                        -1,
                        0,
                        "DMA memory of " + address);
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
            if (mapping != null) {
                release(iova, mapping);
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
            for (long iova : new ArrayList<>(mappings.keySet())) {
                unmap(iova);
            }
        } finally {
            lock.unlock();
        }
    }

    private void release(long iova, Mapping mapping) {
        try {
            container.unmap(iova, mapping.size);
        } catch (ErrnoException e) {
            // The device might still reach the memory, so it must not be used for anything else.
            LOG.error("{}: {} bytes stay mapped for the device at 0x{}, and are lost until it is closed",
                    address, mapping.size, Long.toHexString(iova), e);
            return;
        }
        if (!Arenas.close(mapping.arena, Deadline.afterMillis(PATIENCE_MILLIS))) {
            LOG.error("{}: {} bytes of DMA memory are lost: a system call of this program is still using them",
                    address, mapping.size);
        }
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
