package org.busbar.durable.internal;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.busbar.block.BlockVector;
import org.jspecify.annotations.Nullable;

/** Pieces of a queue's buffers, whichever device reaches them; adjoining ones are one. */
final class VolumeVector implements BlockVector {

    private final @Nullable QueueMemory memory;
    private MemorySegment[] buffers;
    private long[] offsets;
    private long[] lengths;
    private int count;
    private long bytes;
    private @Nullable MemorySegment metadata;
    private long metadataOffset;

    /** @param memory of the queue that it is for */
    VolumeVector(QueueMemory memory, int pieces) {
        this.memory = memory;
        this.buffers = new MemorySegment[pieces];
        this.offsets = new long[pieces];
        this.lengths = new long[pieces];
    }

    /** A vector to keep copies in. */
    VolumeVector() {
        this.memory = null;
        this.buffers = new MemorySegment[0];
        this.offsets = new long[0];
        this.lengths = new long[0];
    }

    boolean isOf(QueueMemory queue) {
        return memory == queue;
    }

    /** Becomes a copy of another; allocates only if that has more pieces than any before it. */
    void copyOf(VolumeVector other) {
        if (buffers.length < other.count) {
            buffers = new MemorySegment[other.buffers.length];
            offsets = new long[other.buffers.length];
            lengths = new long[other.buffers.length];
        }
        System.arraycopy(other.buffers, 0, buffers, 0, other.count);
        System.arraycopy(other.offsets, 0, offsets, 0, other.count);
        System.arraycopy(other.lengths, 0, lengths, 0, other.count);
        count = other.count;
        bytes = other.bytes;
        metadata = other.metadata;
        metadataOffset = other.metadataOffset;
    }

    /** Puts the pieces into a device's own vector. */
    void into(BlockVector target) {
        target.clear();
        for (int i = 0; i < count; i++) {
            target.add(buffers[i], offsets[i], lengths[i]);
        }
        MemorySegment apart = metadata;
        if (apart != null) {
            target.metadata(apart, metadataOffset);
        }
    }

    @Override
    public VolumeVector clear() {
        count = 0;
        bytes = 0;
        metadata = null;
        Arrays.fill(buffers, null);
        return this;
    }

    @Override
    public VolumeVector add(MemorySegment buffer, long offset, long length) {
        if (length < 4 || (length & 3) != 0 || (offset & 3) != 0 || offset < 0
                || length > buffer.byteSize() - offset) {
            throw new IllegalArgumentException(
                    "offset " + offset + " with " + length + " bytes is not inside a buffer of "
                            + buffer.byteSize() + " bytes, or not a multiple of 4");
        }
        requireOwn(buffer);
        if (count > 0 && buffers[count - 1].address() == buffer.address()
                && offsets[count - 1] + lengths[count - 1] == offset) {
            lengths[count - 1] += length;
        } else {
            if (count == buffers.length) {
                throw new IllegalStateException("the vector was made for " + count + " pieces");
            }
            buffers[count] = buffer;
            offsets[count] = offset;
            lengths[count] = length;
            count++;
        }
        bytes += length;
        return this;
    }

    @Override
    public VolumeVector metadata(MemorySegment buffer, long offset) {
        requireOwn(buffer);
        metadata = buffer;
        metadataOffset = offset;
        return this;
    }

    private void requireOwn(MemorySegment buffer) {
        if (!Objects.requireNonNull(memory).owns(buffer)) {
            throw new IllegalArgumentException("the buffer is not one that this queue has allocated");
        }
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long bytes() {
        return bytes;
    }
}
