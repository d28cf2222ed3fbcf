package org.busbar.shell.net.internal.echo;

import java.lang.foreign.MemorySegment;
import org.busbar.net.Packet;
import org.busbar.shell.net.internal.wire.Outbox;
import org.busbar.shell.net.internal.wire.Wire;

/** Sends datagrams in as many frames as it takes. For one thread. */
final class Fragmenter {

    static final int IPV4 = 20;
    static final int IPV6 = 40;
    static final int FRAGMENT_HEADER = 8;

    private static final int HOPS = 64;
    private static final int MORE_IPV4 = 0x2000;

    private final Outbox out;
    private final int mtu;
    private int id;

    Fragmenter(Outbox out, int mtu) {
        this.out = out;
        this.mtu = mtu;
    }

    /**
     * Sends ICMP back to where it came from: addresses are exchanged.
     *
     * @param request a frame whose Ethernet and IP header are those of a request, at least the first fragment's
     * @param ethernet where the IP header begins
     * @param tag tag of a VLAN that is to be put in, or -1
     */
    void reply(MemorySegment request, int ethernet, int tag, boolean ipv6, MemorySegment icmp, int length) {
        int identification = ++id;
        for (int offset = 0; offset < length;) {
            Packet packet = out.allocate();
            if (packet == null) {
                return;
            }
            int headers = ipv6 ? IPV6 + FRAGMENT_HEADER : IPV4;
            int room = (int) Math.min(mtu, packet.data().byteSize() - ethernet) - headers;
            boolean more = length - offset > room;
            int bytes = more ? room & ~7 : length - offset;
            MemorySegment frame = packet.data();
            ethernet(request, ethernet, frame);
            if (ipv6) {
                ipv6(request, ethernet, frame, bytes, offset, more, identification);
            } else {
                ipv4(request, ethernet, frame, bytes, offset, more, identification);
            }
            MemorySegment.copy(icmp, offset, frame, ethernet + headers, bytes);
            packet.length(ethernet + headers + bytes);
            if (tag >= 0) {
                packet.requestVlan(tag);
            }
            out.add(packet);
            offset += bytes;
        }
    }

    private static void ethernet(MemorySegment request, int ethernet, MemorySegment frame) {
        MemorySegment.copy(request, 6, frame, 0, 6);
        MemorySegment.copy(request, 0, frame, 6, 6);
        MemorySegment.copy(request, 12, frame, 12, ethernet - 12L);
    }

    private static void ipv4(
            MemorySegment request, int ip, MemorySegment frame, int bytes, int offset, boolean more, int id) {
        Wire.put16(frame, ip, 0x4500);
        Wire.put16(frame, ip + 2, IPV4 + bytes);
        Wire.put16(frame, ip + 4, id);
        Wire.put16(frame, ip + 6, offset / 8 | (more ? MORE_IPV4 : 0));
        Wire.put8(frame, ip + 8, HOPS);
        Wire.put8(frame, ip + 9, Responder.ICMP);
        Wire.put16(frame, ip + 10, 0);
        Wire.put32(frame, ip + 12, Wire.i32(request, ip + 16));
        Wire.put32(frame, ip + 16, Wire.i32(request, ip + 12));
        Wire.put16(frame, ip + 10, Wire.fold(Wire.sum(frame, ip, ip + IPV4, 0)));
    }

    private static void ipv6(
            MemorySegment request, int ip, MemorySegment frame, int bytes, int offset, boolean more, int id) {
        Wire.put32(frame, ip, 0x6000_0000);
        Wire.put16(frame, ip + 4, FRAGMENT_HEADER + bytes);
        Wire.put8(frame, ip + 6, Responder.FRAGMENT);
        Wire.put8(frame, ip + 7, HOPS);
        MemorySegment.copy(request, ip + 24L, frame, ip + 8L, 16);
        MemorySegment.copy(request, ip + 8L, frame, ip + 24L, 16);
        int header = ip + IPV6;
        Wire.put8(frame, header, Responder.ICMPV6);
        Wire.put8(frame, header + 1, 0);
        Wire.put16(frame, header + 2, offset | (more ? 1 : 0));
        Wire.put32(frame, header + 4, id);
    }
}
