package org.busbar.shell.net.internal.echo;

import java.lang.foreign.MemorySegment;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.shell.net.internal.wire.Wire;

/** Turns neighbour solicitations into advertisements (RFC 4861, 4.3 and 4.4). */
final class Neighbours {

    private static final int SOLICITATION = 0x8700;
    private static final int ADVERTISEMENT = 0x8800;
    private static final int HOPS = 255;
    private static final int SOLICITATION_BYTES = 24;
    private static final int BYTES = 32;
    private static final int SOLICITED = 0x4000_0000;
    private static final int OVERRIDE = 0x2000_0000;
    private static final int TARGET_OPTION = 0x0201;
    private static final MacAddress ALL_NODES_MAC = new MacAddress(0x3333_0000_0001L);
    private static final long ALL_NODES_HIGH = 0xff02_0000_0000_0000L;

    private final MacAddress mac;
    private final Addresses addresses;

    Neighbours(MacAddress mac, Addresses addresses) {
        this.mac = mac;
        this.addresses = addresses;
    }

    /** Returns whether the packet was a solicitation for one of ours, and is an advertisement now, but for who sends it. */
    boolean answer(Packet packet, int ip, int payload) {
        MemorySegment frame = packet.data();
        int icmp = ip + Fragmenter.IPV6;
        boolean asksForUs = payload >= SOLICITATION_BYTES
                && Wire.u16(frame, icmp) == SOLICITATION
                && Wire.u8(frame, ip + 7) == HOPS
                && addresses.isOurs6(frame, icmp + 8)
                && Wire.fold(Wire.sum(frame, icmp, icmp + payload, Responder.pseudo(frame, ip, payload))) == 0
                && frame.byteSize() >= icmp + BYTES;
        if (!asksForUs) {
            return false;
        }
        Wire.put16(frame, ip + 4, BYTES);
        boolean nobody = Wire.i64(frame, ip + 8) == 0 && Wire.i64(frame, ip + 16) == 0;
        if (nobody) { // somebody wants the address for himself, and has none yet: all are told (7.2.4)
            Wire.put64(frame, ip + 24, ALL_NODES_HIGH);
            Wire.put64(frame, ip + 32, 1);
            Wire.putMac(frame, 6, ALL_NODES_MAC); // where the answer goes, once the frame is turned round
        } else {
            MemorySegment.copy(frame, ip + 8L, frame, ip + 24L, 16);
        }
        MemorySegment.copy(frame, icmp + 8L, frame, ip + 8L, 16);
        Wire.put16(frame, icmp, ADVERTISEMENT);
        Wire.put16(frame, icmp + 2, 0);
        Wire.put32(frame, icmp + 4, nobody ? OVERRIDE : SOLICITED | OVERRIDE);
        Wire.put16(frame, icmp + 24, TARGET_OPTION);
        Wire.putMac(frame, icmp + 26, mac);
        Wire.put16(
                frame,
                icmp + 2,
                Wire.fold(Wire.sum(frame, icmp, icmp + BYTES, Responder.pseudo(frame, ip, BYTES))));
        packet.length(icmp + BYTES);
        return true;
    }
}
