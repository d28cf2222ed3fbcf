package org.busbar.testkit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;

/** Memory that a device sees where the program sees it, and a count of what was not given back. Thread-safe. */
public final class TestDma implements Dma, AutoCloseable {

    private static final long PAGE = 4096;

    private final Arena arena = Arena.ofShared();
    private final Map<Long, DmaBuffer> buffers = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();

    @Override
    public long pageSize() {
        return PAGE;
    }

    @Override
    public DmaBuffer allocate(long wanted) {
        long rounded = (wanted + PAGE - 1) & -PAGE;
        DmaBuffer buffer = new Buffer(arena.allocate(rounded, PAGE));
        buffers.put(buffer.address(), buffer);
        bytes.addAndGet(rounded);
        return buffer;
    }

    /** Returns the memory of the buffer that begins at an address. */
    public MemorySegment memory(long address) {
        return Objects.requireNonNull(buffers.get(address), "no buffer begins there").memory();
    }

    /** Returns how many buffers were not given back. */
    public int allocated() {
        return buffers.size();
    }

    /** Returns how many bytes were not given back. */
    public long allocatedBytes() {
        return bytes.get();
    }

    /** Ends all memory, that included which was not given back. */
    @Override
    public void close() {
        arena.close();
    }

    private final class Buffer implements DmaBuffer {

        private final MemorySegment memory;

        Buffer(MemorySegment memory) {
            this.memory = memory;
        }

        @Override
        public MemorySegment memory() {
            return memory;
        }

        @Override
        public long address() {
            return memory.address();
        }

        @Override
        public long size() {
            return memory.byteSize();
        }

        @Override
        public void close() {
            if (buffers.remove(address(), this)) {
                bytes.addAndGet(-size());
            }
        }
    }
}
