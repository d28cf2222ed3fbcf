package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockStatus;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;

/** The data buffers of a queue, its own and others', found again by their address. For one thread at a time; a lookup allocates nothing. */
final class Buffers {

    private final Dma dma;
    private DmaBuffer[] buffers = new DmaBuffer[0];
    private long[] starts = new long[0];
    private int latest;

    Buffers(Dma dma) {
        this.dma = dma;
    }

    MemorySegment allocate(long bytes) throws BlockIOException {
        DmaBuffer buffer;
        try {
            buffer = dma.allocate(bytes);
        } catch (DmaException e) {
            throw new BlockIOException(BlockStatus.DEVICE_ERROR, -1, e);
        }
        return add(buffer);
    }

    /** Takes memory that others have allocated. */
    void map(MemorySegment memory, Runnable unreachable) throws BlockIOException {
        try {
            add(dma.map(memory, unreachable));
        } catch (DmaException e) {
            throw new BlockIOException(BlockStatus.DEVICE_ERROR, -1, e);
        }
    }

    private MemorySegment add(DmaBuffer buffer) {
        int count = buffers.length;
        buffers = Arrays.copyOf(buffers, count + 1);
        starts = Arrays.copyOf(starts, count + 1);
        buffers[count] = buffer;
        starts[count] = buffer.memory().address();
        return buffer.memory();
    }

    /** Returns the device's address of a place in a buffer from {@link #allocate} or {@link #map}. */
    long addressOf(MemorySegment segment, long offset, long bytes) {
        long start = segment.address();
        int index = latest;
        if (index >= starts.length || starts[index] != start) {
            index = find(start);
            latest = index;
        }
        DmaBuffer buffer = buffers[index];
        if (offset < 0 || (offset & 3) != 0 || bytes > buffer.size() - offset) {
            throw new IllegalArgumentException(
                    "offset " + offset + " with " + bytes + " bytes is not inside a buffer of "
                            + buffer.size() + " bytes, or not a multiple of 4");
        }
        return buffer.address() + offset;
    }

    private int find(long start) {
        for (int i = 0; i < starts.length; i++) {
            if (starts[i] == start) {
                return i;
            }
        }
        throw new IllegalArgumentException("the buffer is not one that this queue has allocated");
    }

    void release() {
        for (DmaBuffer buffer : buffers) {
            buffer.close();
        }
        buffers = new DmaBuffer[0];
        starts = new long[0];
    }
}
