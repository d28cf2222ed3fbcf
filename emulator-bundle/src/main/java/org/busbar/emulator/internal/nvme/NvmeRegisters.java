package org.busbar.emulator.internal.nvme;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The controller's registers (section 3.1) and doorbells. Written by drivers' threads; the device's thread looks at them
 * after a wake-up. A doorbell write is one check, one store and one bit.
 */
final class NvmeRegisters {

    /** Queue pairs, the admin queues included. */
    static final int QUEUES = 17;

    static final int MAX_ENTRIES = 1024;
    static final int MAX_PAGE_SHIFT = 16;
    static final int CC_ENABLE = 1;
    static final int CSTS_READY = 1;
    static final int CSTS_FATAL = 1 << 1;
    static final int CSTS_SHUTDOWN_COMPLETE = 2 << 2;
    static final int CSTS_SHUTDOWN_MASK = 3 << 2;
    static final int VERSION = 0x0001_0400;
    /** In the set of stalled queues: completions that were held back wait for room. */
    static final long HELD_BACK = 1L << 63;

    static final int CAP = 0x00;
    static final int VS = 0x08;
    static final int INTMS = 0x0c;
    static final int INTMC = 0x10;
    static final int CC = 0x14;
    static final int CSTS = 0x1c;
    static final int AQA = 0x24;
    static final int ASQ = 0x28;
    static final int ACQ = 0x30;
    static final int DOORBELLS = 0x1000;

    // MQES 1023, CQR, TO 7.5 s, CSS: NVM, MPSMAX 64 KiB; DSTRD and MPSMIN are 0 (section 3.1.1).
    private static final long CAPABILITIES =
            (MAX_ENTRIES - 1) | (1L << 16) | (15L << 24) | (1L << 37) | ((long) (MAX_PAGE_SHIFT - 12) << 52);

    private final Runnable wake;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicIntegerArray tails = new AtomicIntegerArray(QUEUES);
    private final AtomicIntegerArray heads = new AtomicIntegerArray(QUEUES);
    private final AtomicIntegerArray submissionSizes = new AtomicIntegerArray(QUEUES);
    private final AtomicIntegerArray completionSizes = new AtomicIntegerArray(QUEUES);
    private final AtomicLong rung = new AtomicLong();
    private final AtomicLong stalled = new AtomicLong();
    private final AtomicInteger badDoorbells = new AtomicInteger();
    private final AtomicInteger disables = new AtomicInteger();
    private volatile int cc;
    private volatile int csts;
    private volatile int aqa;
    private volatile int interruptMask;
    private volatile long asq;
    private volatile long acq;

    NvmeRegisters(Runnable wake) {
        this.wake = wake;
    }

    long read(long offset, int width) {
        int at = (int) offset;
        long word = Integer.toUnsignedLong(read32(at & ~3));
        return switch (width) {
            case 8 -> word | ((long) read32(at + 4) << 32);
            case 4 -> word;
            default -> word >>> (8 * (at & 3));
        };
    }

    /** Narrower writes than 32 bits have no effect: the specification leaves them undefined (section 3.1). */
    void write(long offset, int width, long value) {
        if (width < 4) {
            return;
        }
        int at = (int) offset;
        if (at >= DOORBELLS) {
            ring(at - DOORBELLS, (int) value);
            return;
        }
        lock.lock();
        try {
            write32(at, (int) value);
            if (width == 8) {
                write32(at + 4, (int) (value >>> 32));
            }
        } finally {
            lock.unlock();
        }
        wake.run();
    }

    private int read32(int at) {
        return switch (at) {
            case CAP -> (int) CAPABILITIES;
            case CAP + 4 -> (int) (CAPABILITIES >>> 32);
            case VS -> VERSION;
            case INTMS, INTMC -> interruptMask;
            case CC -> cc;
            case CSTS -> csts;
            case AQA -> aqa;
            case ASQ -> (int) asq;
            case ASQ + 4 -> (int) (asq >>> 32);
            case ACQ -> (int) acq;
            case ACQ + 4 -> (int) (acq >>> 32);
            default -> 0;
        };
    }

    private void write32(int at, int value) {
        switch (at) {
            case INTMS -> interruptMask = interruptMask | value;
            case INTMC -> interruptMask = interruptMask & ~value;
            case CC -> {
                if ((cc & CC_ENABLE) != 0 && (value & CC_ENABLE) == 0) {
                    disables.incrementAndGet();
                }
                cc = value & 0x00ff_fff1;
            }
            case AQA -> aqa = value & 0x0fff_0fff;
            case ASQ -> asq = (asq & ~0xffff_ffffL) | (value & 0xffff_f000L);
            case ASQ + 4 -> asq = (asq & 0xffff_ffffL) | ((long) value << 32);
            case ACQ -> acq = (acq & ~0xffff_ffffL) | (value & 0xffff_f000L);
            case ACQ + 4 -> acq = (acq & 0xffff_ffffL) | ((long) value << 32);
            default -> {
                // Read-only, reserved, or of a feature that the controller does not have.
            }
        }
    }

    private void ring(int offset, int value) {
        int queue = offset >> 3;
        boolean submission = (offset & 4) == 0;
        AtomicIntegerArray sizes = submission ? submissionSizes : completionSizes;
        int size = queue < QUEUES ? sizes.get(queue) : 0;
        if (value < 0 || value >= size) {
            badDoorbells.accumulateAndGet(size == 0 ? 1 : 2, (old, bit) -> old | bit);
            wake.run();
        } else if (submission) {
            tails.set(queue, value);
            addRung(1L << queue);
            wake.run();
        } else {
            heads.set(queue, value);
            if (stalled.get() != 0) {
                addRung(stalled.getAndSet(0));
                wake.run();
            }
        }
    }

    private void addRung(long bits) {
        rung.accumulateAndGet(bits, (old, more) -> old | more);
    }

    // What follows is for the device's thread.

    /** Returns and clears which submission queues have news. */
    long takeRung() {
        return rung.get() == 0 ? 0 : rung.getAndSet(0);
    }

    /** Has queues rung when there may be room in a completion queue again. The caller looks for room once more. */
    void stall(long bits) {
        stalled.accumulateAndGet(bits, (old, more) -> old | more);
    }

    /** Returns and clears: 1 for a doorbell of no queue, 2 for a value outside its queue. */
    int takeBadDoorbells() {
        return badDoorbells.get() == 0 ? 0 : badDoorbells.getAndSet(0);
    }

    int tail(int queue) {
        return tails.get(queue);
    }

    int head(int queue) {
        return heads.get(queue);
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

    /** Returns how often the enable bit has fallen. */
    int disables() {
        return disables.get();
    }

    int cc() {
        return cc;
    }

    int csts() {
        return csts;
    }

    void csts(int value) {
        csts = value;
    }

    int aqa() {
        return aqa;
    }

    long asq() {
        return asq;
    }

    long acq() {
        return acq;
    }

    /** Forgets what doorbells have said. */
    void clearDoorbells() {
        rung.set(0);
        stalled.set(0);
        badDoorbells.set(0);
    }

    /** Sets everything to its value after power-on. */
    void clear() {
        lock.lock();
        try {
            cc = 0;
            csts = 0;
            aqa = 0;
            asq = 0;
            acq = 0;
            interruptMask = 0;
        } finally {
            lock.unlock();
        }
        clearDoorbells();
    }
}
