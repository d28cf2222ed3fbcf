package org.busbar.emulator.internal.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The checksum of the Internet protocols (RFC 1071). */
public final class InternetChecksum {

    public static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private InternetChecksum() {}

    /** Adds up bytes as 16-bit numbers, with a zero behind an odd number of them; folded to 16 bits. */
    public static int sum(MemorySegment data, long from, long to) {
        long sum = 0;
        long at = from;
        for (; at + 1 < to; at += 2) {
            sum += data.get(SHORT, at) & 0xffff;
        }
        if (at < to) {
            sum += (data.get(ValueLayout.JAVA_BYTE, at) & 0xff) << 8;
        }
        return fold(sum);
    }

    /** Folds a sum to 16 bits, carries added. */
    public static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }

    /** The sum of the pseudo header of an IPv4 or IPv6 header (RFC 793, RFC 8200 section 8.1). */
    public static int pseudoHeader(MemorySegment frame, int network, boolean ipv6, int protocol, int bytes) {
        int addresses =
                ipv6 ? sum(frame, network + 8, network + 40) : sum(frame, network + 12, network + 20);
        return fold((long) addresses + protocol + bytes);
    }

    /** Whether the header of an IPv4 packet adds up. */
    public static boolean headerVerified(MemorySegment frame, PacketHeaders headers) {
        return sum(frame, headers.network(), headers.network() + headers.networkLength()) == 0xffff;
    }

    /**
     * Whether a frame has TCP or UDP, whole, with a checksum that is right. A UDP checksum of zero over IPv4 is none
     * (RFC 768): nothing is verified then.
     */
    public static boolean verified(MemorySegment frame, PacketHeaders headers) {
        return headers.hasPorts() && (headers.isTcp() || !withoutChecksum(frame, headers)) && adds(frame, headers);
    }

    /** Whether it is UDP over IPv4 whose sender has not computed a checksum. */
    public static boolean withoutChecksum(MemorySegment frame, PacketHeaders headers) {
        return headers.isUdp() && !headers.isIpv6() && frame.get(SHORT, headers.transport() + 6) == 0;
    }

    private static boolean adds(MemorySegment frame, PacketHeaders headers) {
        int bytes = headers.end() - headers.transport();
        int sum = sum(frame, headers.transport(), headers.end());
        return fold((long) sum
                + pseudoHeader(frame, headers.network(), headers.isIpv6(), headers.protocol(), bytes)) == 0xffff;
    }
}
