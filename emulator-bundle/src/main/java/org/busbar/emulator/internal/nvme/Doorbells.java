package org.busbar.emulator.internal.nvme;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The doorbells (sections 3.1.24 and 3.1.25). Rung by drivers' threads; a write is one check, one store and one bit. The
 * device's thread looks at them after a wake-up.
 */
final class Doorbells {

    /** Queue pairs, the admin queues included. */
    static final int QUEUES = 17;
    /** In the set of stalled queues: completions that were held back wait for room. */
    static final long HELD_BACK = 1L << 63;
    /** What can be wrong with a doorbell: it is one of no queue, or its value lies outside the queue. */
    static final int NO_QUEUE = 1;

    static final int OUTSIDE = 2;

    private final Runnable wake;
    private final AtomicIntegerArray tails = new AtomicIntegerArray(QUEUES);
    private final AtomicIntegerArray heads = new AtomicIntegerArray(QUEUES);
    private final AtomicIntegerArray submissionSizes = new AtomicIntegerArray(QUEUES);
    private final AtomicIntegerArray completionSizes = new AtomicIntegerArray(QUEUES);
    /** Writes per doorbell: a driver has one thread at a time write each, so counting needs no more than plain access. */
    private final AtomicLongArray writes = new AtomicLongArray(2 * QUEUES);

    private final AtomicLong rung = new AtomicLong();
    private final AtomicLong stalled = new AtomicLong();
    private final AtomicInteger bad = new AtomicInteger();
    private volatile boolean shadowed;

    Doorbells(Runnable wake) {
        this.wake = wake;
    }

    /** A doorbell was written. */
    void ring(int offset, int value) {
        int queue = offset >> 3;
        boolean submission = (offset & 4) == 0;
        AtomicIntegerArray sizes = submission ? submissionSizes : completionSizes;
        int size = queue < QUEUES ? sizes.get(queue) : 0;
        if (value < 0 || value >= size) {
            bad(size == 0 ? NO_QUEUE : OUTSIDE);
            return;
        }
        int counter = offset >> 2;
        writes.setPlain(counter, writes.getPlain(counter) + 1);
        // With shadow doorbells this value may be older than that in memory, which alone counts then.
        boolean counts = queue == 0 || !shadowed;
        if (submission) {
            if (counts) {
                tails.set(queue, value);
            }
            addRung(1L << queue);
            wake.run();
        } else {
            if (counts) {
                heads.set(queue, value);
            }
            if (stalled.get() != 0) {
                addRung(stalled.getAndSet(0));
                wake.run();
            }
        }
    }

    /** Returns how often a doorbell was written with a value that it can have: exact once its driver has paused. */
    long writes(int queue, boolean submission) {
        return queue >= 0 && queue < QUEUES ? writes.get(2 * queue + (submission ? 0 : 1)) : 0;
    }

    private void bad(int kind) {
        bad.accumulateAndGet(kind, (old, bit) -> old | bit);
        wake.run();
    }

    private void addRung(long bits) {
        rung.accumulateAndGet(bits, (old, more) -> old | more);
    }

    // What follows is for the device's thread.

    /** Says whether values of I/O queues come from memory: writes are then only heard. */
    void shadowed(boolean now) {
        shadowed = now;
    }

    /** Returns and clears which submission queues have news. */
    long takeRung() {
        return rung.get() == 0 ? 0 : rung.getAndSet(0);
    }

    /** Has queues rung when there may be room in a completion queue again. The caller looks for room once more. */
    void stall(long bits) {
        stalled.accumulateAndGet(bits, (old, more) -> old | more);
    }

    /** Returns and clears what was wrong. */
    int takeBad() {
        return bad.get() == 0 ? 0 : bad.getAndSet(0);
    }

    int tail(int queue) {
        return tails.get(queue);
    }

    /** Takes over a tail from memory; returns whether it lies in the queue. */
    boolean tail(int queue, int value) {
        if (value < 0 || value >= submissionSizes.get(queue)) {
            bad(OUTSIDE);
            return false;
        }
        tails.set(queue, value);
        return true;
    }

    int head(int queue) {
        return heads.get(queue);
    }

    /** Takes over a head from memory; returns whether it lies in the queue. */
    boolean head(int queue, int value) {
        if (value < 0 || value >= completionSizes.get(queue)) {
            bad(OUTSIDE);
            return false;
        }
        heads.set(queue, value);
        return true;
    }

    void openSubmission(int queue, int size) {
        tails.set(queue, 0);
        submissionSizes.set(queue, size);
    }

    void openCompletion(int queue, int size) {
        heads.set(queue, 0);
        completionSizes.set(queue, size);
    }

    void closeSubmission(int queue) {
        submissionSizes.set(queue, 0);
        tails.set(queue, 0);
    }

    void closeCompletion(int queue) {
        completionSizes.set(queue, 0);
        heads.set(queue, 0);
    }

    /** Forgets what was rung. */
    void clear() {
        rung.set(0);
        stalled.set(0);
        bad.set(0);
        shadowed = false;
    }
}
