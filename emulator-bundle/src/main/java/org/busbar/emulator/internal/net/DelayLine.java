package org.busbar.emulator.internal.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.busbar.emulator.Wire;
import org.jspecify.annotations.Nullable;

/**
 * A wire that does things to frames: they are on their way here until their time has come, and go into the port's queue
 * then. Nobody waits: whoever looks at the queue has what is due put there first. Thread-safe.
 */
final class DelayLine {

    /** How long a frame that is to come after the next one waits for that. */
    static final long PATIENCE = 10_000_000;

    private static final int ADDRESSES = 14;

    private static final class Flying implements Comparable<Flying> {

        private final byte[] frame;
        private final boolean damaged;
        private long due;
        private long number;

        Flying(byte[] frame, boolean damaged, long due, long number) {
            this.frame = frame;
            this.damaged = damaged;
            this.due = due;
            this.number = number;
        }

        @Override
        public int compareTo(Flying other) {
            // Times may have wrapped around.
            int byTime = Long.signum(due - other.due);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Wire wire;
    private final LongSupplier clock;
    private final FrameQueue queue;
    private final Runnable dropped;
    private final int capacity;
    private final Random random;
    private final PriorityQueue<Flying> flying = new PriorityQueue<>();
    private @Nullable Flying heldBack;
    private long bytes;
    private boolean replaced;
    private long numbers;

    /**
     * @param queue where frames go
     * @param dropped told of each frame for which there is no room
     * @param capacity how many bytes may be on their way
     */
    DelayLine(Wire wire, LongSupplier clock, FrameQueue queue, Runnable dropped, int capacity) {
        this.wire = wire;
        this.clock = clock;
        this.queue = queue;
        this.dropped = dropped;
        this.capacity = capacity;
        random = new Random(wire.seed());
    }

    /** Takes a frame, which may be lost. */
    void put(MemorySegment source, long offset, int length) {
        lock.lock();
        try {
            if (replaced) {
                // Somebody has found this wire just before another took its place.
                pass(source, offset, length);
                return;
            }
            // As many random numbers for each frame, whatever happens to it: the next one's fate does not depend on it.
            boolean lost = random.nextDouble() < wire.loss();
            boolean twice = random.nextDouble() < wire.duplication();
            boolean late = random.nextDouble() < wire.reordering();
            boolean damaged = random.nextDouble() < wire.corruption();
            double jitter = random.nextDouble();
            int bit = random.nextInt(8 * Math.max(1, length - ADDRESSES));
            if (!lost) {
                byte[] frame = source.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
                if (damaged) {
                    frame[Math.min(ADDRESSES + bit / 8, length - 1)] ^= (byte) (1 << bit % 8);
                }
                long due = clock.getAsLong()
                        + wire.delay().toNanos()
                        + (long) (jitter * wire.jitter().toNanos());
                take(frame, damaged, due, twice, late);
            }
            release();
        } finally {
            lock.unlock();
        }
    }

    private void pass(MemorySegment source, long offset, int length) {
        if (!queue.put(source, offset, length)) {
            dropped.run();
        }
    }

    private void take(byte[] frame, boolean damaged, long due, boolean twice, boolean late) {
        if (bytes + 2L * frame.length > capacity) {
            dropped.run();
            return;
        }
        Flying first = add(frame, damaged, late && heldBack == null ? due + PATIENCE : due);
        if (twice) {
            add(frame, damaged, due);
        }
        Flying held = heldBack;
        if (held != null) {
            // The next one has come: right behind it.
            flying.remove(held);
            held.due = due;
            held.number = numbers++;
            flying.add(held);
            heldBack = null;
        } else if (late) {
            heldBack = first;
        }
    }

    private Flying add(byte[] frame, boolean damaged, long due) {
        Flying one = new Flying(frame, damaged, due, numbers++);
        flying.add(one);
        bytes += frame.length;
        return one;
    }

    /** Puts what is due into the queue. */
    void releaseDue() {
        lock.lock();
        try {
            release();
        } finally {
            lock.unlock();
        }
    }

    private void release() {
        long now = clock.getAsLong();
        for (Flying next = flying.peek(); next != null && next.due - now <= 0; next = flying.peek()) {
            land(next);
        }
    }

    /** The wire is exchanged: all that is on it arrives. */
    void releaseAll() {
        lock.lock();
        try {
            replaced = true;
            for (Flying next = flying.peek(); next != null; next = flying.peek()) {
                land(next);
            }
        } finally {
            lock.unlock();
        }
    }

    private void land(Flying frame) {
        flying.remove(frame);
        bytes -= frame.frame.length;
        if (heldBack == frame) {
            heldBack = null;
        }
        if (!queue.put(MemorySegment.ofArray(frame.frame), 0, frame.frame.length, frame.damaged)) {
            dropped.run();
        }
    }

    /** The wire was unplugged: all that is on it is lost. */
    void clear() {
        lock.lock();
        try {
            flying.clear();
            heldBack = null;
            bytes = 0;
        } finally {
            lock.unlock();
        }
    }

    /** Returns in how many nanoseconds the next frame is due; {@link Long#MAX_VALUE} if there is none. */
    long due() {
        lock.lock();
        try {
            Flying next = flying.peek();
            return next == null ? Long.MAX_VALUE : Math.max(0, next.due - clock.getAsLong());
        } finally {
            lock.unlock();
        }
    }
}
