package org.busbar.emulator.internal.virtio;

import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.model.DmaPort;

/** A buffer that the driver has made available: pieces to read, then pieces to write (2.6.4). */
final class Chain {

    private final long[] addresses = new long[Virtio.QUEUE_SIZE];
    private final int[] lengths = new int[Virtio.QUEUE_SIZE];
    private int id;
    private int descriptors;
    private int readable;
    private int slots;

    void start(int buffer) {
        id = buffer;
        descriptors = 0;
        readable = 0;
        slots = 0;
    }

    /** Another descriptor of the ring itself belongs to it. */
    void slot() {
        slots++;
    }

    /** Returns how many descriptors of the ring itself belong to it; those of indirect tables do not. */
    int slots() {
        return slots;
    }

    /** Adds a piece; returns false if pieces are too many, too long or in the wrong order. */
    boolean add(long address, int length, int flags) {
        boolean writes = (flags & Virtio.WRITE) != 0;
        if (descriptors == addresses.length || length < 0 || (flags & Virtio.INDIRECT) != 0
                || (!writes && readable < descriptors)) {
            return false;
        }
        addresses[descriptors] = address;
        lengths[descriptors++] = length;
        readable += writes ? 0 : 1;
        return true;
    }

    int id() {
        return id;
    }

    void id(int buffer) {
        id = buffer;
    }

    int descriptors() {
        return descriptors;
    }

    /** Returns how many bytes can be read. */
    long readableBytes() {
        return sum(0, readable);
    }

    /** Returns how many bytes can be written. */
    long writableBytes() {
        return sum(readable, descriptors);
    }

    private long sum(int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += lengths[i];
        }
        return sum;
    }

    /** Reads all of it into a segment with enough room. */
    boolean read(DmaPort dma, MemorySegment target) {
        long done = 0;
        for (int i = 0; i < readable; i++) {
            if (!dma.read(addresses[i], target, done, lengths[i])) {
                return false;
            }
            done += lengths[i];
        }
        return true;
    }

    /** Writes from its beginning on, as far as there is room; returns how many bytes, or -1 if memory was not there. */
    int write(DmaPort dma, MemorySegment source, long offset, int bytes) {
        int done = 0;
        for (int i = readable; i < descriptors && done < bytes; i++) {
            int piece = Math.min(bytes - done, lengths[i]);
            if (!dma.write(addresses[i], source, offset + done, piece)) {
                return -1;
            }
            done += piece;
        }
        return done;
    }
}
