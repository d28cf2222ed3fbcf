package org.busbar.lab;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;

/**
 * Turns ARP requests (RFC 826), ICMP echo requests (RFC 792) and whatever comes for UDP port 7 (RFC 862) for one IPv4 address
 * into their answers, in place. What the port can do of checksums and tags of VLANs it is made to do.
 */
final class Answers {

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final byte UDP = 17;
    private static final short ECHO_PORT = 7;

    private final boolean checksums;
    private final boolean ipChecksums;
    private final MacAddress mac;
    private final int ip;

    Answers(NetworkPort port, int ip) {
        mac = port.mac();
        checksums = port.features().contains(PortFeature.TRANSMIT_CHECKSUM);
        ipChecksums = port.features().contains(PortFeature.TRANSMIT_IP_CHECKSUM);
        this.ip = ip;
    }

    /** Returns whether the frame was a request and is its answer now. */
    boolean answer(Packet packet) {
        MemorySegment frame = packet.data();
        int length = packet.length();
        if (!reply(frame, length) && !(checksums && udpReply(packet, frame, length))) {
            return false;
        }
        if (packet.vlan() >= 0) {
            packet.requestVlan(packet.vlan());
        }
        return true;
    }

    /** Both checksums are the device's, where it can do both: it is given the sum of the pseudo header. */
    private boolean udpReply(Packet packet, MemorySegment frame, int length) {
        boolean mine = length >= 42
                && frame.get(SHORT, 12) == 0x0800
                && frame.get(BYTE, 14) == 0x45
                && frame.get(BYTE, 23) == UDP
                && frame.get(INT, 30) == ip
                && frame.get(SHORT, 36) == ECHO_PORT;
        if (!mine) {
            return false;
        }
        int source = frame.get(INT, 26);
        frame.set(INT, 26, ip);
        frame.set(INT, 30, source);
        frame.set(SHORT, 36, frame.get(SHORT, 34));
        frame.set(SHORT, 34, ECHO_PORT);
        int sum = UDP + (frame.get(SHORT, 38) & 0xffff);
        for (int at = 26; at < 34; at += 2) {
            sum += frame.get(SHORT, at) & 0xffff;
        }
        frame.set(SHORT, 40, (short) ((sum & 0xffff) + (sum >>> 16)));
        MemorySegment.copy(frame, 6, frame, 0, 6);
        putMac(frame, 6);
        packet.requestChecksum(34, 6);
        if (ipChecksums) {
            packet.requestIpChecksum(14, 20);
        } // and else it stays as it is: it does not change where source and destination are swapped
        return true;
    }

    /** Turns a request into its reply, in place. Returns whether it was one. */
    private boolean reply(MemorySegment frame, int length) {
        int type = frame.get(SHORT, 12) & 0xffff;
        if (type == 0x0806 && length >= 42 && frame.get(SHORT, 20) == 1 && frame.get(INT, 38) == ip) {
            frame.set(SHORT, 20, (short) 2);
            MemorySegment.copy(frame, 22, frame, 32, 10);
            putMac(frame, 22);
            frame.set(INT, 28, ip);
        } else if (type == 0x0800 && length >= 42 && isEchoRequest(frame)) {
            int icmp = 14 + (frame.get(BYTE, 14) & 0xf) * 4;
            frame.set(BYTE, icmp, (byte) 0);
            // RFC 1624: the type falls from 8 to 0, so the checksum rises by 0x0800, with end-around carry.
            int sum = (frame.get(SHORT, icmp + 2) & 0xffff) + 0x0800;
            frame.set(SHORT, icmp + 2, (short) (sum + (sum >>> 16)));
            int source = frame.get(INT, 26);
            frame.set(INT, 26, ip);
            frame.set(INT, 30, source);
        } else {
            return false;
        }
        MemorySegment.copy(frame, 6, frame, 0, 6);
        putMac(frame, 6);
        return true;
    }

    private boolean isEchoRequest(MemorySegment frame) {
        int icmp = 14 + (frame.get(BYTE, 14) & 0xf) * 4;
        return frame.get(INT, 30) == ip && frame.get(BYTE, 23) == 1 && frame.get(BYTE, icmp) == 8;
    }

    private void putMac(MemorySegment frame, long at) {
        for (int i = 0; i < 6; i++) {
            frame.set(BYTE, at + i, mac.octet(i));
        }
    }
}
