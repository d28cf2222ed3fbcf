package org.busbar.emulator.internal.virtio;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The checksum of the Internet protocols (RFC 1071), and where TCP and UDP have theirs. */
final class InternetChecksum {

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final int ETHERNET = 14;
    private static final int TCP = 6;
    private static final int UDP = 17;

    private InternetChecksum() {}

    /** Adds up bytes as 16-bit numbers, with a zero behind an odd number of them; folded to 16 bits. */
    static int sum(MemorySegment data, long from, long to) {
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

    static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }

    /** The sum of the pseudo header of IPv4 or IPv6 at offset 14 (RFC 793, RFC 8200 section 8.1). */
    static int pseudoHeader(MemorySegment frame, boolean ipv6, int protocol, int bytes) {
        int addresses = ipv6 ? sum(frame, ETHERNET + 8, ETHERNET + 40) : sum(frame, ETHERNET + 12, ETHERNET + 20);
        return fold((long) addresses + protocol + bytes);
    }

    /** Whether a frame has TCP or UDP with a checksum that is right. */
    static boolean verified(MemorySegment frame, int length) {
        int type = length < ETHERNET + 20 ? 0 : frame.get(SHORT, 12) & 0xffff;
        boolean ipv6 = type == 0x86dd;
        if (type != 0x0800 && (!ipv6 || length < ETHERNET + 40)) {
            return false;
        }
        int header = ipv6 ? 40 : (frame.get(ValueLayout.JAVA_BYTE, ETHERNET) & 0xf) * 4;
        int protocol = frame.get(ValueLayout.JAVA_BYTE, ETHERNET + (ipv6 ? 6 : 9)) & 0xff;
        int total = ipv6 ? 40 + (frame.get(SHORT, ETHERNET + 4) & 0xffff) : frame.get(SHORT, ETHERNET + 2) & 0xffff;
        boolean fragment = !ipv6 && (frame.get(SHORT, ETHERNET + 6) & 0x3fff) != 0;
        if ((protocol != TCP && protocol != UDP) || fragment || total < header + 8 || total > length - ETHERNET) {
            return false;
        }
        int sum = sum(frame, ETHERNET + header, ETHERNET + total);
        return fold((long) sum + pseudoHeader(frame, ipv6, protocol, total - header)) == 0xffff;
    }
}
