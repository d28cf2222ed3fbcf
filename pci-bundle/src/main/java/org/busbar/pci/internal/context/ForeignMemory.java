package org.busbar.pci.internal.context;

import java.lang.foreign.MemorySegment;
import org.busbar.pci.DmaBuffer;

/** Memory of somebody else that the device can reach. */
final class ForeignMemory implements DmaBuffer {

    private final DmaPool pool;
    private final MemorySegment memory;
    private final long address;
    private final Runnable unreachable;

    ForeignMemory(DmaPool pool, MemorySegment memory, long address, Runnable unreachable) {
        this.pool = pool;
        this.memory = memory;
        this.address = address;
        this.unreachable = unreachable;
    }

    /** Says that the device cannot reach it any more. */
    void unreachable() {
        unreachable.run();
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
        pool.unmap(this);
    }
}
