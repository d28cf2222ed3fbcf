package org.busbar.shell.net.internal.traffic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.shell.net.internal.wire.Wire;

/**
 * What a generated frame carries in its UDP payload, so that whoever receives it can tell which it is and whether it is whole:
 * a mark, the run, a number, a checksum over these and all that follows, and filling.
 */
final class Stamp {

    /** The least payload: what a frame of 60 bytes has room for. */
    static final int BYTES = 18;

    private static final int MARK = 0xb5ba;
    private static final int STREAM = 2;
    private static final int SEQUENCE = 6;
    private static final int CHECK = 14;
    private static final long PRIME = 0x9e37_79b9_7f4a_7c15L;
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Stamp() {}

    /** Writes the filling of a run, behind the stamp; returns its part of the checksum, for {@link #put}. */
    static long fill(MemorySegment frame, long payload, int bytes, int stream) {
        long state = stream * PRIME | 1;
        for (long at = payload + BYTES; at < payload + bytes; at++) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            frame.set(ValueLayout.JAVA_BYTE, at, (byte) (state >>> 32));
        }
        return sum(frame, payload + BYTES, payload + bytes);
    }

    /** Writes the stamp. */
    static void put(MemorySegment frame, long payload, int stream, long sequence, long filling) {
        Wire.put16(frame, payload, MARK);
        Wire.put32(frame, payload + STREAM, stream);
        Wire.put64(frame, payload + SEQUENCE, sequence);
        Wire.put32(frame, payload + CHECK, check(stream, sequence, filling));
    }

    static boolean isMarked(MemorySegment frame, long payload) {
        return Wire.u16(frame, payload) == MARK;
    }

    static int stream(MemorySegment frame, long payload) {
        return Wire.i32(frame, payload + STREAM);
    }

    static long sequence(MemorySegment frame, long payload) {
        return Wire.i64(frame, payload + SEQUENCE);
    }

    /** Returns whether stamp and filling are as they were sent. */
    static boolean isWhole(MemorySegment frame, long payload, int bytes) {
        return Wire.i32(frame, payload + CHECK) == check(
                stream(frame, payload),
                sequence(frame, payload),
                sum(frame, payload + BYTES, payload + bytes));
    }

    private static long sum(MemorySegment frame, long from, long to) {
        long sum = to - from;
        long at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            sum = mix(sum, frame.get(LONG, at));
        }
        for (; at < to; at++) {
            sum = mix(sum, frame.get(ValueLayout.JAVA_BYTE, at));
        }
        return sum;
    }

    private static int check(int stream, long sequence, long filling) {
        long sum = mix(mix(filling, stream), sequence);
        return (int) (sum ^ sum >>> 32);
    }

    private static long mix(long sum, long value) {
        return Long.rotateLeft((sum ^ value) * PRIME, 29) + value;
    }
}
