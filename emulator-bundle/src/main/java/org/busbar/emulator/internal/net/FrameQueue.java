package org.busbar.emulator.internal.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Frames on their way to one port: a ring of bytes, each frame a length and its content. Any number of threads put, one
 * takes. Copies under a short lock; allocates nothing after construction.
 */
final class FrameQueue {

    private static final int HEADER = 8;
    /** In place of a length: the rest of the ring is unused, the next frame is at its beginning. */
    private static final int WRAP = -1;

    private final ReentrantLock lock = new ReentrantLock();
    private final MemorySegment ring;
    private final int capacity;
    private int head;
    private int used;
    private boolean damaged;
    private final AtomicInteger frames = new AtomicInteger();

    FrameQueue(int capacity) {
        this.capacity = capacity;
        ring = Arena.ofAuto().allocate(capacity, 8);
    }

    /** Adds a frame; returns false if there is no room for it. */
    boolean put(MemorySegment source, long offset, int length) {
        return put(source, offset, length, false);
    }

    /** Adds a frame that may be damaged; returns false if there is no room for it. */
    boolean put(MemorySegment source, long offset, int length, boolean isDamaged) {
        int needed = HEADER + ((length + 7) & ~7);
        lock.lock();
        try {
            int tail = (head + used) % capacity;
            int straight = capacity - tail;
            int skipped = needed > straight ? straight : 0;
            if (used + skipped + needed > capacity) {
                return false;
            }
            if (skipped > 0) {
                ring.set(ValueLayout.JAVA_INT, tail, WRAP);
                used += skipped;
                tail = 0;
            }
            ring.set(ValueLayout.JAVA_INT, tail, length);
            ring.set(ValueLayout.JAVA_INT, tail + 4L, isDamaged ? 1 : 0);
            MemorySegment.copy(source, offset, ring, tail + HEADER, length);
            used += needed;
            frames.incrementAndGet();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a frame; returns its whole length, of which at most {@code capacity} bytes were copied, or 0 for none. */
    int take(MemorySegment target, long offset, int room) {
        if (frames.get() == 0) {
            return 0;
        }
        lock.lock();
        try {
            if (frames.get() == 0) {
                return 0;
            }
            skipUnused();
            int length = ring.get(ValueLayout.JAVA_INT, head);
            damaged = ring.get(ValueLayout.JAVA_INT, head + 4L) != 0;
            MemorySegment.copy(ring, head + HEADER, target, offset, Math.min(length, room));
            drop(length);
            return length;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the frame that was taken last is damaged. For the thread that takes. */
    boolean damaged() {
        return damaged;
    }

    /** Returns how many bytes wait, with what it takes to keep them. */
    int bytes() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many frames wait. */
    int frames() {
        return frames.get();
    }

    void clear() {
        lock.lock();
        try {
            head = 0;
            used = 0;
            frames.set(0);
        } finally {
            lock.unlock();
        }
    }

    private void skipUnused() {
        if (ring.get(ValueLayout.JAVA_INT, head) == WRAP) {
            used -= capacity - head;
            head = 0;
        }
    }

    private void drop(int length) {
        int size = HEADER + ((length + 7) & ~7);
        head = (head + size) % capacity;
        used -= size;
        frames.decrementAndGet();
    }
}
