package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;
import org.busbar.net.MacAddress;

/** A plain port on the switch, and frames for it with IP, TCP and UDP. */
final class Peer {

    static final MacAddress MAC = new MacAddress(0x0200_0000_00ffL);
    static final int TCP = 6;
    static final int UDP = 17;
    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final SwitchPort port;

    Peer(NetworkSwitch network) {
        port = network.attach("peer", () -> {});
    }

    void send(MemorySegment frame, int length) {
        assertThat(port.send(frame, 0, length)).isTrue();
    }

    /** Returns so many frames as they arrived, for whomever. */
    List<MemorySegment> receive(int count) {
        List<MemorySegment> frames = new ArrayList<>();
        Deadline deadline = Deadline.afterMillis(20_000);
        while (frames.size() < count) {
            MemorySegment frame = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME, 8);
            int length = port.receive(frame, 0, NetworkSwitch.MAX_FRAME);
            if (length > 0) {
                frames.add(frame.asSlice(0, length));
            }
            assertThat(deadline.expired()).as("%d of %d frames", frames.size(), count).isFalse();
            Thread.onSpinWait();
        }
        return frames;
    }

    static MemorySegment frame() {
        return Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME, 8);
    }

    /** Fills a frame with bytes that follow from their place, and writes its addresses and a type that nobody knows. */
    static void raw(MemorySegment frame, MacAddress to, MacAddress from, int length) {
        for (int i = 0; i < length; i++) {
            frame.set(BYTE, i, content(i));
        }
        addresses(frame, to, from);
        frame.set(SHORT, 12, (short) 0x88b5);
    }

    static byte content(int index) {
        return (byte) (index * 7 >> 3);
    }

    static void addresses(MemorySegment frame, MacAddress to, MacAddress from) {
        for (int i = 0; i < 6; i++) {
            frame.set(BYTE, i, to.octet(i));
            frame.set(BYTE, 6 + i, from.octet(i));
        }
    }

    /** Writes Ethernet and IPv4 headers, the latter with its checksum; returns where the payload goes. */
    static int ipv4(MemorySegment frame, MacAddress to, MacAddress from, int protocol, int bytes) {
        addresses(frame, to, from);
        frame.set(SHORT, 12, (short) 0x0800);
        frame.set(SHORT, 14, (short) 0x4500);
        frame.set(SHORT, 16, (short) (20 + bytes));
        frame.set(INT, 18, 0x1234_4000);
        frame.set(SHORT, 22, (short) (64 << 8 | protocol));
        frame.set(SHORT, 24, (short) 0);
        frame.set(INT, 26, 0x0a00_0001);
        frame.set(INT, 30, 0x0a00_0002);
        frame.set(SHORT, 24, (short) ~sum(frame, 14, 34));
        return 34;
    }

    /** Writes Ethernet and IPv6 headers; returns where the payload goes. */
    static int ipv6(MemorySegment frame, MacAddress to, MacAddress from, int protocol, int bytes) {
        addresses(frame, to, from);
        frame.set(SHORT, 12, (short) 0x86dd);
        frame.set(INT, 14, 0x6000_0000);
        frame.set(SHORT, 18, (short) bytes);
        frame.set(SHORT, 20, (short) (protocol << 8 | 64));
        for (int i = 0; i < 16; i++) {
            frame.set(BYTE, 22 + i, (byte) (i + 1));
            frame.set(BYTE, 38 + i, (byte) (0x40 + i));
        }
        return 54;
    }

    /** Writes a UDP header without checksum, and a payload; returns the frame's length. */
    static int udp(MemorySegment frame, int at, int source, int payload) {
        frame.set(SHORT, at, (short) source);
        frame.set(SHORT, at + 2, (short) 53);
        frame.set(SHORT, at + 4, (short) (8 + payload));
        frame.set(SHORT, at + 6, (short) 0);
        for (int i = 0; i < payload; i++) {
            frame.set(BYTE, at + 8 + i, content(i));
        }
        return at + 8 + payload;
    }

    /** Writes a TCP header with FIN, PSH and ACK, without checksum, and a payload; returns the frame's length. */
    static int tcp(MemorySegment frame, int at, int source, int payload) {
        frame.set(SHORT, at, (short) source);
        frame.set(SHORT, at + 2, (short) 80);
        frame.set(INT, at + 4, 5_000_000);
        frame.set(INT, at + 8, 1);
        frame.set(INT, at + 12, 0x5019_0400);
        frame.set(INT, at + 16, 0);
        for (int i = 0; i < payload; i++) {
            frame.set(BYTE, at + 20 + i, content(i));
        }
        return at + 20 + payload;
    }

    /** The sum of RFC 1071, folded. */
    static int sum(MemorySegment data, long from, long to) {
        long sum = 0;
        for (long at = from; at < to; at++) {
            int value = data.get(BYTE, at) & 0xff;
            sum += (at - from & 1) == 0 ? value << 8 : value;
        }
        return fold(sum);
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }

    /** The sum of the pseudo header of an IP frame. */
    static int pseudo(MemorySegment frame, int protocol, int bytes) {
        boolean ipv6 = (frame.get(SHORT, 12) & 0xffff) == 0x86dd;
        return fold((ipv6 ? sum(frame, 22, 54) : sum(frame, 26, 34)) + protocol + bytes);
    }

    /** Puts the right checksum into a TCP or UDP header. */
    static void checksum(MemorySegment frame, int at, int protocol, int length) {
        int field = at + (protocol == TCP ? 16 : 6);
        frame.set(SHORT, field, (short) ~fold(sum(frame, at, length) + pseudo(frame, protocol, length - at)));
    }

    /** Whether the checksums of IP and of what it carries are right, and the lengths. */
    static boolean isRight(MemorySegment frame) {
        boolean ipv6 = (frame.get(SHORT, 12) & 0xffff) == 0x86dd;
        int protocol = frame.get(BYTE, ipv6 ? 20 : 23);
        int start = ipv6 ? 54 : 34;
        int end = ipv6 ? 54 + (frame.get(SHORT, 18) & 0xffff) : 14 + (frame.get(SHORT, 16) & 0xffff);
        boolean header = ipv6 || sum(frame, 14, 34) == 0xffff;
        boolean length = end == frame.byteSize() || end < 60 && frame.byteSize() == 60;
        return header && length && fold(sum(frame, start, end) + pseudo(frame, protocol, end - start)) == 0xffff;
    }
}
