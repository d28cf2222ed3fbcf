package org.busbar.shell.net.internal.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.net.MacAddress;

/** Fields of frames: big-endian, at any address. */
public final class Wire {

    /** Bytes of an Ethernet header without tags. */
    public static final int ETHERNET = 14;

    public static final int TYPE_IPV4 = 0x0800;
    public static final int TYPE_ARP = 0x0806;
    public static final int TYPE_IPV6 = 0x86dd;
    public static final int TYPE_VLAN = 0x8100;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Wire() {}

    /** Returns an octet, 0 to 255. */
    public static int u8(MemorySegment frame, long at) {
        return frame.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    /** Returns two octets, 0 to 65535. */
    public static int u16(MemorySegment frame, long at) {
        return frame.get(SHORT, at) & 0xffff;
    }

    /** Returns four octets. */
    public static int i32(MemorySegment frame, long at) {
        return frame.get(INT, at);
    }

    /** Returns eight octets. */
    public static long i64(MemorySegment frame, long at) {
        return frame.get(LONG, at);
    }

    public static void put8(MemorySegment frame, long at, int value) {
        frame.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    public static void put16(MemorySegment frame, long at, int value) {
        frame.set(SHORT, at, (short) value);
    }

    public static void put32(MemorySegment frame, long at, int value) {
        frame.set(INT, at, value);
    }

    public static void put64(MemorySegment frame, long at, long value) {
        frame.set(LONG, at, value);
    }

    /** Writes an Ethernet address. */
    public static void putMac(MemorySegment frame, long at, MacAddress mac) {
        put16(frame, at, (int) (mac.value() >>> 32));
        put32(frame, at + 2, (int) mac.value());
    }

    /**
     * Adds up octets as the Internet checksum does (RFC 1071).
     *
     * @param sum what to begin with, see {@link #fold}
     * @return the sum, not folded: at most 32,768 times 65,535 more than before
     */
    public static long sum(MemorySegment frame, long from, long to, long sum) {
        long total = sum;
        long at = from;
        for (; at + 1 < to; at += 2) {
            total += frame.get(SHORT, at) & 0xffff;
        }
        return at < to ? total + ((long) u8(frame, at) << 8) : total;
    }

    /** Returns a sum as a checksum: folded to 16 bits, complemented. */
    public static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) ~folded & 0xffff;
    }
}
