package org.busbar.lab;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;

/**
 * One TCP segment over IPv4 that is far longer than a frame may be, for a port to cut. Byte i of its payload is i modulo 251, and
 * its first sequence number is 1, so that a receiver can tell each byte's place.
 */
final class LargeSegment {

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final int IP = 14;
    private static final int TCP = IP + 20;
    private static final int HEADERS = TCP + 20;
    private static final int PATTERN = 251;

    private final PortQueue queue;
    private final int payload;
    private Packet last;

    /**
     * Makes the first packet, with all headers.
     *
     * @param payload bytes of TCP's payload
     */
    LargeSegment(PortQueue queue, MacAddress from, MacAddress to, int fromIp, int toIp, int payload)
            throws IOException {
        this.queue = queue;
        this.payload = payload;
        last = allocate();
        MemorySegment frame = last.data();
        frame.asSlice(0, HEADERS).fill((byte) 0);
        for (int i = 0; i < 6; i++) {
            frame.set(BYTE, i, to.octet(i));
            frame.set(BYTE, 6L + i, from.octet(i));
        }
        frame.set(SHORT, 12, (short) 0x0800);
        frame.set(SHORT, IP, (short) 0x4500);
        frame.set(SHORT, IP + 2, (short) (20 + 20 + payload));
        frame.set(SHORT, IP + 8, (short) 0x4006);
        frame.set(INT, IP + 12, fromIp);
        frame.set(INT, IP + 16, toIp);
        frame.set(SHORT, TCP, (short) 40_000);
        frame.set(SHORT, TCP + 2, (short) 9);
        frame.set(INT, TCP + 4, 1);
        frame.set(SHORT, TCP + 12, (short) 0x5018); // PSH and ACK
        frame.set(SHORT, TCP + 14, (short) 8192);
        // That of IP a port may fill in anew; where it does not do so by itself it has to be right. TCP's is for the port to complete.
        frame.set(SHORT, IP + 10, (short) ~sum(frame, IP, TCP, 0));
        frame.set(SHORT, TCP + 16, (short) sum(frame, IP + 12, TCP, 6 + 20 + payload));
    }

    /** RFC 1071. */
    private static int sum(MemorySegment frame, int from, int to, int start) {
        int sum = start;
        for (int at = from; at < to; at += 2) {
            sum += frame.get(SHORT, at) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (sum & 0xffff) + (sum >>> 16);
    }

    /** Adds the payload, in as many packets as it takes, and returns the frame. */
    Packet fill() throws IOException {
        Packet first = last;
        int at = HEADERS;
        for (int i = 0; i < payload; i++) {
            if (at == last.data().byteSize()) {
                last.length(at);
                Packet more = allocate();
                last.next(more);
                last = more;
                at = 0;
            }
            last.data().set(BYTE, at++, (byte) (i % PATTERN));
        }
        last.length(at);
        return first;
    }

    /**
     * Has a frame cut into segments of so much payload, with a tag if it is not negative. Checksums of IP headers may have to be
     * asked for, where the port has them apart from segmentation.
     */
    static void request(Packet frame, int perSegment, int tag, boolean ipChecksums) {
        frame.requestChecksum(TCP, 16);
        if (ipChecksums) {
            frame.requestIpChecksum(IP, 20);
        }
        frame.requestSegmentation(false, HEADERS, perSegment);
        if (tag >= 0) {
            frame.requestVlan(tag);
        }
    }

    private Packet allocate() throws IOException {
        Packet packet = queue.allocate();
        if (packet == null) {
            throw new IOException("the port has not enough packets for " + payload + " bytes");
        }
        return packet;
    }
}
