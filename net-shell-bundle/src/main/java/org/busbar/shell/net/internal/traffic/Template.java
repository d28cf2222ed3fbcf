package org.busbar.shell.net.internal.traffic;

import java.lang.foreign.MemorySegment;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.shell.net.internal.wire.Wire;

/** A frame of one length, of which each generated one is a copy with another number: Ethernet, IPv4, UDP, {@link Stamp}. */
final class Template {

    static final int IPV4 = 20;
    /** The UDP port of the discard service (RFC 863), whose frames nobody answers. */
    static final int DISCARD = 9;
    /** A frame without room for the stamp is shorter than Ethernet has them, too. */
    static final int LEAST = 60;

    private static final int UDP = 8;
    private static final int FIRST_SOURCE = 49_152;
    private static final int HOPS = 64;
    private static final int SOURCE_IP = 0xc612_0001; // 198.18.0.1, RFC 2544
    private static final int IP_AT = Wire.ETHERNET;
    private static final int UDP_AT = IP_AT + IPV4;
    private static final int PAYLOAD_AT = UDP_AT + UDP;

    private final MemorySegment frame;
    private final int stream;
    private final long filling;

    Template(int bytes, MacAddress from, MacAddress to, int ip, int stream) {
        this.stream = stream;
        frame = MemorySegment.ofArray(new byte[bytes]);
        Wire.putMac(frame, 0, to);
        Wire.putMac(frame, 6, from);
        Wire.put16(frame, 12, Wire.TYPE_IPV4);
        Wire.put16(frame, IP_AT, 0x4500);
        Wire.put16(frame, IP_AT + 2, bytes - IP_AT);
        Wire.put8(frame, IP_AT + 8, HOPS);
        Wire.put8(frame, IP_AT + 9, 17);
        Wire.put32(frame, IP_AT + 12, SOURCE_IP);
        Wire.put32(frame, IP_AT + 16, ip);
        Wire.put16(frame, IP_AT + 10, Wire.fold(Wire.sum(frame, IP_AT, UDP_AT, 0)));
        Wire.put16(frame, UDP_AT, FIRST_SOURCE);
        Wire.put16(frame, UDP_AT + 2, DISCARD);
        Wire.put16(frame, UDP_AT + 4, bytes - UDP_AT); // and no checksum, as IPv4 allows: the stamp has one
        filling = Stamp.fill(frame, PAYLOAD_AT, bytes - PAYLOAD_AT, stream);
    }

    int bytes() {
        return (int) frame.byteSize();
    }

    MemorySegment frame() {
        return frame;
    }

    /** Numbers the template itself. */
    void number(long sequence, int flow) {
        number(frame, sequence, flow);
    }

    /** Makes a packet that is large enough the frame of a number. */
    void copyTo(Packet packet, long sequence, int flow) {
        MemorySegment data = packet.data();
        MemorySegment.copy(frame, 0, data, 0, frame.byteSize());
        number(data, sequence, flow);
        packet.length((int) frame.byteSize());
    }

    private void number(MemorySegment data, long sequence, int flow) {
        Wire.put16(data, UDP_AT, FIRST_SOURCE + flow);
        Stamp.put(data, PAYLOAD_AT, stream, sequence, filling);
    }
}
