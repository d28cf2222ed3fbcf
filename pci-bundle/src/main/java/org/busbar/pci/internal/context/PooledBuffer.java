package org.busbar.pci.internal.context;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.busbar.pci.DmaBuffer;

/** A piece of a chunk. */
final class PooledBuffer implements DmaBuffer {

    private final DmaPool pool;
    private final DmaChunk chunk;
    private final MemorySegment memory;
    private final long address;
    private final AtomicBoolean closed = new AtomicBoolean();

    PooledBuffer(DmaPool pool, DmaChunk chunk, MemorySegment memory, long address) {
        this.pool = pool;
        this.chunk = chunk;
        this.memory = memory;
        this.address = address;
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public long size() {
        return memory.byteSize();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            pool.free(chunk, address, size());
        }
    }
}
