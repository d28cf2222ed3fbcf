package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Fields of the specification's data structures: little endian, at any offset. */
final class Fields {

    /** Bytes of an Identify data structure, and of a page of memory. */
    static final int PAGE = 4096;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Fields() {}

    static int get8(MemorySegment data, long offset) {
        return data.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
    }

    static int get16(MemorySegment data, long offset) {
        return data.get(SHORT, offset) & 0xffff;
    }

    static int get32(MemorySegment data, long offset) {
        return data.get(INT, offset);
    }

    static long get64(MemorySegment data, long offset) {
        return data.get(LONG, offset);
    }

    static void set8(MemorySegment data, long offset, int value) {
        data.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    static void set16(MemorySegment data, long offset, int value) {
        data.set(SHORT, offset, (short) value);
    }

    static void set32(MemorySegment data, long offset, int value) {
        data.set(INT, offset, value);
    }

    static void set64(MemorySegment data, long offset, long value) {
        data.set(LONG, offset, value);
    }

    /** Identifiers of the IEEE are big endian. */
    static void set64BigEndian(MemorySegment data, long offset, long value) {
        data.set(LONG, offset, Long.reverseBytes(value));
    }

    /** ASCII, filled up with blanks to a width. */
    static void text(MemorySegment data, long offset, int width, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < Math.max(width, ascii.length); i++) {
            set8(data, offset + i, i < ascii.length ? ascii[i] : ' ');
        }
    }
}
