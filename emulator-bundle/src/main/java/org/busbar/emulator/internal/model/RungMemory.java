package org.busbar.emulator.internal.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Doorbells in memory, which another process writes and the device's thread looks at. Nothing wakes that thread: while
 * doorbells ring it looks all the time, and when nothing has rung for a moment now and then only, which costs the first ring
 * after that a delay.
 */
public final class RungMemory {

    /** Takes what was rung. */
    @FunctionalInterface
    public interface Bell {

        /** A value was written. */
        void ring(int offset, int value);
    }

    /** So long after a ring the thread looks without a pause. */
    private static final long BUSY_NANOS = 100_000;
    /** How often it looks after that: it parks in between, because who only yields comes last when processors are short. */
    private static final long PAUSE_NANOS = 150_000;
    /** So long after a ring it is to be expected that there will be more. */
    private static final long LIVELY_NANOS = 20_000_000;
    /** How often the thread looks when nothing has rung for long. */
    private static final long IDLE_NANOS = 500_000;

    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final long NOTHING = -1;

    private final Bell bell;
    private final int bytes;
    private volatile @Nullable MemorySegment memory;
    private long lastRing;

    /**
     * @param bytes how much of the memory is looked at, a multiple of 8
     * @param bell told of what was rung, on the device's thread
     */
    public RungMemory(int bytes, Bell bell) {
        this.bytes = bytes;
        this.bell = bell;
    }

    /** Exchanges the memory; null for none. Any thread. */
    public void set(@Nullable MemorySegment now) {
        memory = now;
    }

    // What follows is for the device's thread.

    /** Looks at all doorbells. */
    public void look() {
        MemorySegment rung = memory;
        if (rung == null) {
            return;
        }
        boolean any = false;
        for (int at = 0; at < bytes; at += Long.BYTES) {
            // Acquired by the exchange below, if there is something.
            if ((long) LONG.getOpaque(rung, (long) at) != NOTHING) {
                any |= take(rung, at);
                any |= take(rung, at + Integer.BYTES);
            }
        }
        if (any) {
            lastRing = System.nanoTime();
        }
    }

    /** What comes between a look and the exchange is taken with it: of two rings of one doorbell the latest counts. */
    private boolean take(MemorySegment rung, int at) {
        if ((int) INT.getOpaque(rung, (long) at) == DoorbellWindow.NOT_RUNG) {
            return false;
        }
        bell.ring(at, (int) INT.getAndSet(rung, (long) at, DoorbellWindow.NOT_RUNG));
        return true;
    }

    /**
     * Returns in how many nanoseconds to look again.
     *
     * @param otherwise when there is something else to do
     */
    public long pause(long otherwise) {
        if (memory == null || otherwise == 0) {
            return otherwise;
        }
        long quiet = System.nanoTime() - lastRing;
        if (quiet < BUSY_NANOS) {
            Thread.onSpinWait();
            return 0;
        }
        return Math.min(otherwise, quiet < LIVELY_NANOS ? PAUSE_NANOS : IDLE_NANOS);
    }
}
