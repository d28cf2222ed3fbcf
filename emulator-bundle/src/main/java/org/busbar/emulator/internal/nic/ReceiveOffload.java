package org.busbar.emulator.internal.nic;

import static org.busbar.emulator.internal.net.InternetChecksum.SHORT;

import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.net.InternetChecksum;
import org.busbar.emulator.internal.net.PacketHeaders;

/**
 * Verifies checksums as RXCSUM says, and says in the status what was verified (82574: section 7.1.10; 8254x manual: section
 * 3.2.9). Device's thread only.
 */
final class ReceiveOffload {

    /** RFCTL: IPv6 is left alone, or its checksums are (10.2.5.17). */
    private static final int RFCTL_NO_IPV6 = 1 << 10 | 1 << 11;

    private final NicRegisters registers;
    private final Family family;

    ReceiveOffload(NicRegisters registers, Family family) {
        this.registers = registers;
        this.family = family;
    }

    /** Whether anything is to be verified, so that headers have to be looked at. */
    boolean isOn() {
        return (registers.get(Reg.RXCSUM) & (Reg.RXCSUM_IP | Reg.RXCSUM_TCP_UDP)) != 0;
    }

    void verify(MemorySegment frame, PacketHeaders headers, ReceivedFrame into) {
        int rxcsum = registers.get(Reg.RXCSUM);
        boolean ip = (rxcsum & Reg.RXCSUM_IP) != 0 && headers.isIpv4();
        if (ip) {
            checked(into, ReceivedFrame.IP_CHECKED);
            identify(frame, headers, into, rxcsum);
            if (!InternetChecksum.headerVerified(frame, headers)) {
                into.errors |= ReceivedFrame.BAD_IP;
            }
        }
        boolean leftAlone = headers.isIpv6() && (registers.get(Reg.RFCTL) & RFCTL_NO_IPV6) != 0;
        if ((rxcsum & Reg.RXCSUM_TCP_UDP) == 0 || !headers.hasPorts() || leftAlone
                || InternetChecksum.withoutChecksum(frame, headers)) {
            return;
        }
        boolean udp = headers.isUdp() && family.isExpress();
        checked(into, ReceivedFrame.TCP_CHECKED | (udp ? ReceivedFrame.UDP_CHECKED : 0));
        if (!InternetChecksum.verified(frame, headers)) {
            into.errors |= ReceivedFrame.BAD_TCP_OR_UDP;
        }
    }

    /** The identification is where the hash is otherwise. */
    private static void identify(MemorySegment frame, PacketHeaders headers, ReceivedFrame into, int rxcsum) {
        if ((rxcsum & Reg.RXCSUM_NO_PACKET_SUM) == 0) {
            into.status |= ReceivedFrame.IDENTIFIED;
            into.identification = frame.get(SHORT, headers.network() + 4) & 0xffff;
        }
    }

    /** The sum over the packet that software may finish by itself (RXCSUM.PCSS). */
    void sum(MemorySegment frame, ReceivedFrame into) {
        int rxcsum = registers.get(Reg.RXCSUM);
        if (!family.isExpress() || (rxcsum & Reg.RXCSUM_NO_PACKET_SUM) == 0) {
            int start = Math.min(rxcsum & 0xff, into.length);
            into.packetSum =
                    ~InternetChecksum.sum(frame, into.offset + start, into.offset + into.length) & 0xffff;
        }
    }

    private static void checked(ReceivedFrame into, int what) {
        into.status = (into.status & ~ReceivedFrame.IGNORE_CHECKSUM) | what;
    }
}
