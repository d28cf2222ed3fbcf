package org.busbar.shell.net.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.busbar.net.MacAddress;
import org.busbar.shell.net.internal.wire.Wire;

/** Frames as the other side would send them, and what it would make of the answers. */
public final class Pings {

    public static final int OURS = 0x0a07_0001;
    public static final int THEIRS = 0x0a07_00fe;
    public static final MacAddress PEER = MacAddress.parse("52:54:00:00:00:fe");

    private Pings() {}

    private static MemorySegment ethernet(int bytes, MacAddress to, int type) {
        MemorySegment frame = MemorySegment.ofArray(new byte[Wire.ETHERNET + bytes]);
        Wire.putMac(frame, 0, to);
        Wire.putMac(frame, 6, PEER);
        Wire.put16(frame, 12, type);
        return frame;
    }

    public static byte[] bytes(MemorySegment frame) {
        return frame.toArray(ValueLayout.JAVA_BYTE);
    }

    public static byte[] arp(int target) {
        MemorySegment frame = ethernet(46, new MacAddress(0xffff_ffff_ffffL), Wire.TYPE_ARP);
        Wire.put64(frame, 14, 0x0001_0800_0604_0001L);
        Wire.putMac(frame, 22, PEER);
        Wire.put32(frame, 28, THEIRS);
        Wire.put32(frame, 38, target);
        return bytes(frame);
    }

    /** An echo request of ICMP, as it is in the datagram. */
    public static MemorySegment icmp(int payload, boolean ipv6) {
        MemorySegment icmp = MemorySegment.ofArray(new byte[8 + payload]);
        Wire.put16(icmp, 0, ipv6 ? 0x8000 : 0x0800);
        Wire.put32(icmp, 4, 0x1234_0001);
        for (int i = 0; i < payload; i++) {
            Wire.put8(icmp, 8L + i, i * 7 + 3);
        }
        return icmp;
    }

    /** A ping over IPv4, in as many fragments as an MTU asks for. */
    public static List<byte[]> ipv4(MacAddress to, int payload, int mtu) {
        MemorySegment icmp = icmp(payload, false);
        Wire.put16(icmp, 2, Wire.fold(Wire.sum(icmp, 0, icmp.byteSize(), 0)));
        List<byte[]> frames = new ArrayList<>();
        int room = (mtu - 20) & ~7;
        int length = (int) icmp.byteSize();
        for (int offset = 0; offset < length; offset += room) {
            boolean more = length - offset > mtu - 20;
            int bytes = more ? room : length - offset;
            MemorySegment frame = ethernet(20 + bytes, to, Wire.TYPE_IPV4);
            Wire.put16(frame, 14, 0x4500);
            Wire.put16(frame, 16, 20 + bytes);
            Wire.put16(frame, 18, 0x77);
            Wire.put16(frame, 20, offset / 8 | (more ? 0x2000 : 0));
            Wire.put8(frame, 22, 60);
            Wire.put8(frame, 23, 1);
            Wire.put32(frame, 26, THEIRS);
            Wire.put32(frame, 30, OURS);
            Wire.put16(frame, 24, Wire.fold(Wire.sum(frame, 14, 34, 0)));
            MemorySegment.copy(icmp, offset, frame, 34, bytes);
            frames.add(bytes(frame));
            if (!more) {
                break;
            }
        }
        return frames;
    }

    public static byte[] address(String text) {
        return java.net.InetAddress.ofLiteral(text).getAddress();
    }

    private static MemorySegment header6(MacAddress to, String target, int next, int bytes) {
        MemorySegment frame = ethernet(40 + bytes, to, Wire.TYPE_IPV6);
        Wire.put32(frame, 14, 0x6000_0000);
        Wire.put16(frame, 18, bytes);
        Wire.put8(frame, 20, next);
        Wire.put8(frame, 21, 255);
        MemorySegment.copy(MemorySegment.ofArray(address("fd00::fe")), 0, frame, 22, 16);
        MemorySegment.copy(MemorySegment.ofArray(address(target)), 0, frame, 38, 16);
        return frame;
    }

    private static long pseudo(MemorySegment frame, int length) {
        return Wire.sum(frame, 22, 54, length + 58);
    }

    /** A ping over IPv6, in as many fragments as an MTU asks for. */
    public static List<byte[]> ipv6(MacAddress to, String target, int payload, int mtu) {
        MemorySegment icmp = icmp(payload, true);
        int length = (int) icmp.byteSize();
        MemorySegment whole = header6(to, target, 58, length);
        Wire.put16(icmp, 2, Wire.fold(Wire.sum(icmp, 0, length, pseudo(whole, length))));
        if (length + 40 <= mtu) {
            MemorySegment.copy(icmp, 0, whole, 54, length);
            return List.of(bytes(whole));
        }
        List<byte[]> frames = new ArrayList<>();
        int room = (mtu - 48) & ~7;
        for (int offset = 0; offset < length; offset += room) {
            boolean more = length - offset > room;
            int bytes = more ? room : length - offset;
            MemorySegment frame = header6(to, target, 44, 8 + bytes);
            Wire.put8(frame, 54, 58);
            Wire.put16(frame, 56, offset | (more ? 1 : 0));
            Wire.put32(frame, 58, 0x99);
            MemorySegment.copy(icmp, offset, frame, 62, bytes);
            frames.add(bytes(frame));
        }
        return frames;
    }

    /** A neighbour solicitation. */
    public static byte[] solicitation(String source, String target) {
        MemorySegment frame = header6(new MacAddress(0x3333_ff00_0001L), "ff02::1:ff00:1", 58, 32);
        MemorySegment.copy(MemorySegment.ofArray(address(source)), 0, frame, 22, 16);
        Wire.put16(frame, 54, 0x8700);
        MemorySegment.copy(MemorySegment.ofArray(address(target)), 0, frame, 62, 16);
        Wire.put16(frame, 78, 0x0101);
        Wire.putMac(frame, 80, PEER);
        Wire.put16(frame, 56, Wire.fold(Wire.sum(frame, 54, 86, pseudo(frame, 32))));
        return bytes(frame);
    }

    /** Returns the ICMP of an answer over IPv4 that came in frames, all of them checked; they may be in any order. */
    public static byte[] reassembled4(List<byte[]> frames) {
        List<MemorySegment> parts = new ArrayList<>();
        frames.forEach(frame -> parts.add(MemorySegment.ofArray(frame)));
        parts.sort((a, b) -> Integer.compare(Wire.u16(a, 20) & 0x1fff, Wire.u16(b, 20) & 0x1fff));
        List<Byte> all = new ArrayList<>();
        for (MemorySegment part : parts) {
            int total = Wire.u16(part, 16);
            if (Wire.fold(Wire.sum(part, 14, 34, 0)) != 0
                    || Wire.i32(part, 26) != OURS
                    || Wire.i32(part, 30) != THEIRS
                    || (Wire.u16(part, 20) & 0x1fff) * 8 != all.size()) {
                throw new AssertionError("a header that cannot be right");
            }
            for (int i = 20; i < total; i++) {
                all.add(part.get(ValueLayout.JAVA_BYTE, 14L + i));
            }
        }
        return array(all);
    }

    /** The same over IPv6. */
    public static byte[] reassembled6(List<byte[]> frames) {
        List<Byte> all = new ArrayList<>();
        List<byte[]> parts = new ArrayList<>(frames);
        Collections.sort(parts, (a, b) -> Integer.compare(offset6(a), offset6(b)));
        for (byte[] bytes : parts) {
            MemorySegment part = MemorySegment.ofArray(bytes);
            int header = Wire.u8(part, 20) == 44 ? 8 : 0;
            for (int i = header; i < Wire.u16(part, 18); i++) {
                all.add(bytes[54 + i]);
            }
        }
        return array(all);
    }

    private static int offset6(byte[] frame) {
        MemorySegment part = MemorySegment.ofArray(frame);
        return Wire.u8(part, 20) == 44 ? Wire.u16(part, 56) & ~7 : 0;
    }

    private static byte[] array(List<Byte> all) {
        byte[] bytes = new byte[all.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = all.get(i);
        }
        return bytes;
    }

    /** Returns whether a message of ICMPv6 from the answered address has a right checksum. */
    public static boolean isSound6(byte[] icmp, String from, String to) {
        MemorySegment pseudo = MemorySegment.ofArray(new byte[32]);
        MemorySegment.copy(MemorySegment.ofArray(address(from)), 0, pseudo, 0, 16);
        MemorySegment.copy(MemorySegment.ofArray(address(to)), 0, pseudo, 16, 16);
        long sum = Wire.sum(pseudo, 0, 32, icmp.length + 58);
        return Wire.fold(Wire.sum(MemorySegment.ofArray(icmp), 0, icmp.length, sum)) == 0;
    }

    public static boolean isSound4(byte[] icmp) {
        return Wire.fold(Wire.sum(MemorySegment.ofArray(icmp), 0, icmp.length, 0)) == 0;
    }
}
