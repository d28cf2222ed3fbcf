package org.busbar.pci.internal.context;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.DmaSpace;

/**
 * The memory that one function can reach. Mappings are made in chunks as large as the host likes them, and allocations
 * are carved out of chunks by the page. Where the host checks accesses exactly (its chunk is a page), each allocation is
 * a mapping of its own, so that a device that uses a freed buffer is caught.
 *
 * <p>A chunk of the usual size is kept once it is mapped; a larger one, made for one large request, goes with it.
 */
final class DmaPool implements Dma {

    private final ReentrantLock lock = new ReentrantLock();
    private final DeviceContext context;
    private final String device;
    private final DmaSpace space;
    private final long pageSize;
    private final long chunkSize;
    private final RangeAllocator addresses;
    private final Set<DmaChunk> chunks = new LinkedHashSet<>();
    private final Set<ForeignMemory> foreign = new LinkedHashSet<>();
    /** Memory that a successor may have: each in a chunk of its own. */
    private final Map<String, DmaChunk> named = new LinkedHashMap<>();
    /** What a predecessor has left and nobody has taken over yet. */
    private final Map<String, DmaChunk> inherited = new LinkedHashMap<>();

    private boolean closed;

    DmaPool(DeviceContext context, DmaSpace space) {
        this.context = context;
        device = context.id().address();
        this.space = space;
        pageSize = space.pageSize();
        chunkSize = space.chunkSize();
        addresses = new RangeAllocator(space.ranges(), pageSize);
    }

    /** Goes on with what was kept. */
    DmaPool(DeviceContext context, DmaEstate estate) {
        this.context = context;
        device = context.id().address();
        space = estate.space();
        pageSize = space.pageSize();
        chunkSize = space.chunkSize();
        addresses = estate.addresses();
        chunks.addAll(estate.memory().values());
        inherited.putAll(estate.memory());
    }

    @Override
    public long pageSize() {
        return pageSize;
    }

    @Override
    public DmaBuffer allocate(long bytes) throws DmaException {
        long size = wholePages(bytes);
        lock.lock();
        try {
            requireOpen();
            if (chunkSize > pageSize) {
                for (DmaChunk chunk : chunks) {
                    OptionalLong address = chunk.take(size);
                    if (address.isPresent()) {
                        MemorySegment memory = chunk.memoryAt(address.getAsLong(), size);
                        memory.fill((byte) 0);
                        return new PooledBuffer(this, chunk, memory, address.getAsLong());
                    }
                }
            }
            DmaChunk chunk = map(Math.max(size, chunkSize), size);
            long address = chunk.take(size).orElseThrow();
            return new PooledBuffer(this, chunk, chunk.memoryAt(address, size), address);
        } finally {
            lock.unlock();
        }
    }

    private long wholePages(long bytes) throws DmaException {
        if (bytes < 1) {
            throw new IllegalArgumentException("DMA memory is allocated by at least 1 byte, not " + bytes);
        }
        if (bytes > Long.MAX_VALUE - pageSize) {
            throw new DmaException(device + ": " + bytes + " bytes of DMA memory are more than there are addresses");
        }
        return (bytes + pageSize - 1) & -pageSize;
    }

    /** In a chunk of its own: what is kept for a successor must not be within reach of those who had its neighbours. */
    @Override
    public DmaBuffer allocate(String name, long bytes) throws DmaException {
        long size = wholePages(bytes);
        lock.lock();
        try {
            requireOpen();
            if (named.containsKey(name) || inherited.containsKey(name)) {
                throw new IllegalArgumentException(device + ": there is DMA memory of the name " + name + " already");
            }
            DmaChunk chunk = map(size, size);
            named.put(name, chunk);
            return whole(chunk);
        } finally {
            lock.unlock();
        }
    }

    private PooledBuffer whole(DmaChunk chunk) {
        long address = chunk.take(chunk.size()).orElseThrow();
        return new PooledBuffer(this, chunk, chunk.memoryAt(address, chunk.size()), address);
    }

    Set<String> inheritedNames() {
        lock.lock();
        try {
            return Set.copyOf(inherited.keySet());
        } finally {
            lock.unlock();
        }
    }

    /** Takes memory over that a predecessor has left. */
    DmaBuffer inherit(String name) {
        lock.lock();
        try {
            requireOpen();
            DmaChunk chunk = inherited.remove(name);
            if (chunk == null) {
                throw new IllegalArgumentException(
                        device + ": no DMA memory of the name " + name + " is left; there are "
                                + inherited.keySet());
            }
            named.put(name, chunk);
            return whole(chunk);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the mappings of what a predecessor has left and nobody has taken over. */
    void dropInherited() {
        lock.lock();
        try {
            if (!closed) {
                List.copyOf(inherited.values()).forEach(this::unmap);
                inherited.clear();
            }
        } finally {
            lock.unlock();
        }
    }

    private void unmap(DmaChunk chunk) {
        chunks.remove(chunk);
        space.unmap(chunk.address());
        addresses.give(chunk.address(), chunk.size());
    }

    /** Ends all mappings but those with a name, and leaves those to a successor. From here on nothing is allocated. */
    DmaEstate handOver() {
        List<ForeignMemory> unmapped = new ArrayList<>();
        lock.lock();
        try {
            requireOpen();
            closed = true;
            chunks.stream().filter(chunk -> !named.containsValue(chunk)).toList().forEach(this::unmap);
            for (ForeignMemory memory : List.copyOf(foreign)) {
                foreign.remove(memory);
                space.unmap(memory.address());
                addresses.give(memory.address(), memory.size());
                unmapped.add(memory);
            }
            Map<String, DmaChunk> left = new LinkedHashMap<>();
            named.forEach((name, chunk) -> left.put(name, chunk.fresh(pageSize)));
            return new DmaEstate(space, addresses, left);
        } finally {
            lock.unlock();
            unmapped.forEach(ForeignMemory::unreachable);
        }
    }

    @Override
    public DmaBuffer map(MemorySegment memory, Runnable unreachable) throws DmaException {
        long size = memory.byteSize();
        if (!memory.isNative() || size == 0 || ((memory.address() | size) & pageSize - 1) != 0) {
            throw new IllegalArgumentException("only whole native pages of " + pageSize + " bytes can be mapped, not "
                    + memory);
        }
        lock.lock();
        try {
            requireOpen();
            long address = addresses.take(size).orElseThrow(() -> noAddresses(size));
            boolean mapped = false;
            try {
                space.map(address, memory);
                mapped = true;
            } finally {
                if (!mapped) {
                    addresses.give(address, size);
                }
            }
            ForeignMemory made = new ForeignMemory(this, memory, address, unreachable);
            foreign.add(made);
            return made;
        } finally {
            lock.unlock();
        }
    }

    /** Ends a mapping, unless {@link #close} has or does; then it also says that the memory is out of reach. */
    void unmap(ForeignMemory memory) {
        lock.lock();
        try {
            if (!foreign.remove(memory)) {
                return;
            }
            space.unmap(memory.address());
            addresses.give(memory.address(), memory.size());
        } finally {
            lock.unlock();
        }
        memory.unreachable();
    }

    private DmaException noAddresses(long needed) {
        return new DmaException("%s: no %d contiguous bytes of device addresses are left: %d are free in %d pieces;"
                .formatted(device, needed, addresses.freeBytes(), addresses.pieces())
                + " have its driver use fewer or smaller buffers");
    }

    /** Maps a new chunk; if there are no addresses for one of the wanted size, one that is just large enough. */
    private DmaChunk map(long wanted, long needed) throws DmaException {
        long size = wanted;
        OptionalLong address = addresses.take(size);
        if (address.isEmpty() && needed < wanted) {
            size = needed;
            address = addresses.take(size);
        }
        if (address.isEmpty()) {
            throw noAddresses(needed);
        }
        boolean mapped = false;
        try {
            DmaChunk chunk = new DmaChunk(address.getAsLong(), space.map(address.getAsLong(), size), size, pageSize);
            chunks.add(chunk);
            mapped = true;
            return chunk;
        } finally {
            if (!mapped) {
                addresses.give(address.getAsLong(), size);
            }
        }
    }

    void free(DmaChunk chunk, long address, long size) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            chunk.give(address, size);
            named.values().remove(chunk);
            if (chunk.isEmpty() && (chunk.size() != chunkSize || chunkSize == pageSize)) {
                unmap(chunk);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends all mappings, even if ending one of them fails. From here on nothing is allocated. */
    void close(ReleaseSteps steps) {
        List<ForeignMemory> unmapped = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            for (DmaChunk chunk : chunks) {
                steps.run("unmap DMA memory at %x".formatted(chunk.address()), () -> space.unmap(chunk.address()));
            }
            chunks.clear();
            for (ForeignMemory memory : foreign) {
                steps.run("unmap memory at %x".formatted(memory.address()), () -> {
                    space.unmap(memory.address());
                    unmapped.add(memory);
                });
            }
            foreign.clear();
        } finally {
            lock.unlock();
        }
        for (ForeignMemory memory : unmapped) {
            steps.run("say that memory at %x is out of reach".formatted(memory.address()), memory::unreachable);
        }
    }

    private void requireOpen() {
        if (closed || context.isRevoked()) {
            throw new DeviceGoneException(device + " is not driven any more: no DMA memory for it");
        }
    }
}
