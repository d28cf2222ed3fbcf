package org.busbar.shell.net.internal.echo;

import java.lang.foreign.MemorySegment;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.shell.net.internal.wire.Frames;
import org.busbar.shell.net.internal.wire.Wire;
import org.jspecify.annotations.Nullable;

/**
 * Answers ARP requests (RFC 826), neighbour solicitations (RFC 4861) and echo requests (RFC 792, RFC 4443). A request becomes
 * its reply in its own packet; only one that came in fragments, or that cannot be sent as it came, is sent anew. For one
 * thread.
 */
final class Responder {

    static final int ICMP = 1;
    static final int ICMPV6 = 58;
    static final int FRAGMENT = 44;

    private static final int ECHO = 0x0800;
    private static final int ECHO_REPLY = 0x0000;
    private static final int ECHO_V6 = 0x8000;
    private static final int ECHO_REPLY_V6 = 0x8100;
    private static final int HOPS = 64;
    private static final int LEAST_ICMP = 8;
    private static final int ARP = 28;

    private final MacAddress mac;
    private final Addresses addresses;
    private final Limits limits;
    private final Fragmenter fragmenter;
    private final Neighbours neighbours;
    private final Counts counts;
    private final Reassembly reassembly = new Reassembly();
    private final MemorySegment whole = MemorySegment.ofArray(new byte[Datagram.MOST + Wire.ETHERNET + 4]);

    /**
     * What can be sent.
     *
     * @param mtu longest payload of a frame
     * @param scattered whether a frame in several buffers can be
     * @param tagged whether a tag can be put in that was taken out
     */
    record Limits(int mtu, boolean scattered, boolean tagged) {}

    Responder(MacAddress mac, Addresses addresses, Limits limits, Fragmenter fragmenter, Counts counts) {
        this.mac = mac;
        this.addresses = addresses;
        this.limits = limits;
        this.fragmenter = fragmenter;
        this.counts = counts;
        neighbours = new Neighbours(mac, addresses);
    }

    /** Returns how many datagrams did not become whole. */
    long givenUp() {
        return reassembly.givenUp();
    }

    /**
     * Answers a frame.
     *
     * @return whether the packet is now a reply, to be sent; if not, it is to be released, though a reply may be under way
     */
    boolean answer(Packet packet, long nanos) {
        int length = Frames.length(packet);
        MemorySegment frame = packet.data();
        if (packet.next() != null) {
            if (length > whole.byteSize()) {
                return false;
            }
            frame = whole;
            Frames.gather(packet, whole);
        }
        if (length < Wire.ETHERNET + 4 || (packet.vlan() >= 0 && !limits.tagged())) {
            return false;
        }
        boolean tagged = Wire.u16(frame, 12) == Wire.TYPE_VLAN;
        int ip = tagged ? Wire.ETHERNET + 4 : Wire.ETHERNET;
        Request request = new Request(packet, frame, ip, length, nanos);
        return switch (Wire.u16(frame, ip - 2)) {
            case Wire.TYPE_ARP -> length >= ip + ARP && arp(request);
            case Wire.TYPE_IPV4 -> length >= ip + Fragmenter.IPV4 && ipv4(request);
            case Wire.TYPE_IPV6 -> length >= ip + Fragmenter.IPV6 && ipv6(request);
            default -> false;
        };
    }

    /**
     * A frame that may be a request.
     *
     * @param packet its packet
     * @param frame all its bytes, in one piece
     * @param ip where the IP header begins
     * @param length of the frame
     * @param nanos when it came
     */
    private record Request(Packet packet, MemorySegment frame, int ip, int length, long nanos) {}

    private boolean arp(Request request) {
        MemorySegment frame = request.packet().data();
        int at = request.ip();
        boolean asksForUs =
                Wire.i64(frame, at) == 0x0001_0800_0604_0001L && addresses.isOurs4(Wire.i32(frame, at + 24));
        if (!asksForUs) {
            return false;
        }
        Wire.put16(frame, at + 6, 2);
        int ours = Wire.i32(frame, at + 24);
        MemorySegment.copy(frame, at + 8L, frame, at + 18L, 10);
        Wire.putMac(frame, at + 8, mac);
        Wire.put32(frame, at + 14, ours);
        counts.arp++;
        return turnedRound(request);
    }

    private boolean ipv4(Request request) {
        MemorySegment frame = request.frame();
        int ip = request.ip();
        int header = (Wire.u8(frame, ip) & 0xf) * 4;
        int total = Wire.u16(frame, ip + 2);
        boolean sound = Wire.u8(frame, ip) >>> 4 == 4
                && header >= Fragmenter.IPV4
                && total >= header
                && ip + total <= request.length()
                && Wire.fold(Wire.sum(frame, ip, ip + header, 0)) == 0;
        if (!sound || Wire.u8(frame, ip + 9) != ICMP || !addresses.isOurs4(Wire.i32(frame, ip + 16))) {
            return false;
        }
        int fragment = Wire.u16(frame, ip + 6) & 0x3fff;
        if (fragment != 0) {
            FragmentKey key = new FragmentKey(
                    4, Wire.u16(frame, ip + 4), 0, Wire.i32(frame, ip + 12), 0, Wire.i32(frame, ip + 16));
            int offset = (fragment & 0x1fff) * 8;
            fragment(request, false, key, offset, fragment >>> 13 != 0, ip + header, total - header);
            return false;
        }
        int icmp = ip + header;
        if (total - header < LEAST_ICMP || Wire.u16(frame, icmp) != ECHO) {
            return false;
        }
        counts.echo++;
        if (!canTurnRound(request, header)) {
            toReply(frame, icmp, ECHO, ECHO_REPLY);
            anew(request, false, frame.asSlice(icmp), total - header);
            return false;
        }
        MemorySegment reply = request.packet().data();
        toReply(reply, icmp, ECHO, ECHO_REPLY);
        Wire.put8(reply, ip + 8, HOPS);
        int source = Wire.i32(reply, ip + 12);
        Wire.put32(reply, ip + 12, Wire.i32(reply, ip + 16));
        Wire.put32(reply, ip + 16, source);
        Wire.put16(reply, ip + 10, 0);
        Wire.put16(reply, ip + 10, Wire.fold(Wire.sum(reply, ip, ip + header, 0)));
        return turnedRound(request);
    }

    private boolean ipv6(Request request) {
        MemorySegment frame = request.frame();
        int ip = request.ip();
        int payload = Wire.u16(frame, ip + 4);
        int next = Wire.u8(frame, ip + 6);
        int at = ip + Fragmenter.IPV6;
        if (Wire.u8(frame, ip) >>> 4 != 6 || at + payload > request.length() || payload < LEAST_ICMP) {
            return false;
        }
        if (next == ICMPV6 && request.packet().next() == null && neighbours.answer(request.packet(), ip, payload)) {
            counts.neighbour++;
            return turnedRound(request);
        }
        if (!addresses.isOurs6(frame, ip + 24)) {
            return false;
        }
        if (next == FRAGMENT && Wire.u8(frame, at) == ICMPV6) {
            int field = Wire.u16(frame, at + 2);
            FragmentKey key = new FragmentKey(
                    6,
                    Wire.i32(frame, at + 4),
                    Wire.i64(frame, ip + 8),
                    Wire.i64(frame, ip + 16),
                    Wire.i64(frame, ip + 24),
                    Wire.i64(frame, ip + 32));
            int header = Fragmenter.FRAGMENT_HEADER;
            fragment(request, true, key, field & ~7, (field & 1) != 0, at + header, payload - header);
            return false;
        }
        if (next != ICMPV6 || Wire.u16(frame, at) != ECHO_V6) {
            return false;
        }
        counts.echo6++;
        if (!canTurnRound(request, Fragmenter.IPV6)) {
            toReply(frame, at, ECHO_V6, ECHO_REPLY_V6);
            anew(request, true, frame.asSlice(at), payload);
            return false;
        }
        MemorySegment reply = request.packet().data();
        toReply(reply, at, ECHO_V6, ECHO_REPLY_V6);
        Wire.put8(reply, ip + 7, HOPS);
        for (int i = 0; i < 16; i += 8) {
            long source = Wire.i64(reply, ip + 8 + i);
            Wire.put64(reply, ip + 8 + i, Wire.i64(reply, ip + 24 + i));
            Wire.put64(reply, ip + 24 + i, source);
        }
        return turnedRound(request);
    }

    /** Whether all that changes is in the first buffer, and the rest can be sent as it is. */
    private boolean canTurnRound(Request request, int header) {
        Packet packet = request.packet();
        return request.length() - request.ip() <= limits.mtu()
                && packet.length() >= request.ip() + header + LEAST_ICMP
                && (packet.next() == null || limits.scattered());
    }

    private boolean turnedRound(Request request) {
        turnRound(request.packet().data());
        int tag = request.packet().vlan();
        if (tag >= 0) {
            request.packet().requestVlan(tag);
        }
        return true;
    }

    private void turnRound(MemorySegment frame) {
        MemorySegment.copy(frame, 6, frame, 0, 6);
        Wire.putMac(frame, 6, mac);
    }

    private void fragment(
            Request request, boolean ipv6, FragmentKey key, int offset, boolean more, int from, int bytes) {
        counts.fragments++;
        @Nullable
        Datagram datagram = reassembly.add(key, offset, more, request.frame(), from, bytes, request.nanos());
        if (datagram == null) {
            return;
        }
        MemorySegment icmp = datagram.data();
        int length = datagram.length();
        int asked = ipv6 ? ECHO_V6 : ECHO;
        // Here the checksum is looked at: pieces may have been put together wrongly. The reply's has to fit the reply's bytes.
        long pseudo = ipv6 ? pseudo(request.frame(), request.ip(), length) : 0;
        boolean isEcho = length >= LEAST_ICMP
                && Wire.u16(icmp, 0) == asked
                && Wire.fold(Wire.sum(icmp, 0, length, pseudo)) == 0;
        if (isEcho) {
            toReply(icmp, 0, asked, ipv6 ? ECHO_REPLY_V6 : ECHO_REPLY);
            anew(request, ipv6, icmp, length);
            if (ipv6) {
                counts.echo6++;
            } else {
                counts.echo++;
            }
            counts.reassembled++;
        }
        datagram.forget();
    }

    /** RFC 8200, 8.1. */
    static long pseudo(MemorySegment frame, int ip, int length) {
        return Wire.sum(frame, ip + 8L, ip + 40L, length + ICMPV6);
    }

    /** Changes type and code, and with them the checksum (RFC 1624, equation 3). */
    private static void toReply(MemorySegment frame, long icmp, int before, int after) {
        Wire.put16(frame, icmp, after);
        int checksum = Wire.u16(frame, icmp + 2);
        Wire.put16(frame, icmp + 2, Wire.fold((long) (~checksum & 0xffff) + (~before & 0xffff) + after));
    }

    private void anew(Request request, boolean ipv6, MemorySegment icmp, int length) {
        MemorySegment frame = request.frame();
        Wire.putMac(frame, 0, mac); // becomes the source, whatever it was sent to
        fragmenter.reply(frame, request.ip(), request.packet().vlan(), ipv6, icmp, length);
    }
}
