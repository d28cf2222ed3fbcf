package org.busbar.emulator.internal.nic;

import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.net.PacketHeaders;
import org.busbar.emulator.internal.net.Toeplitz;

/**
 * Receive-side scaling over two queues (82574: section 7.1.7). It needs extended descriptors and RXCSUM.PCSD: where the
 * hash would be is the packet's checksum otherwise. Device's thread only.
 */
final class Rss {

    /** What was hashed, as MRQ says (7.1.5.2). */
    private static final int TCP_IPV4 = 1;

    private static final int IPV4 = 2;
    private static final int TCP_IPV6 = 3;
    private static final int IPV6_EXTENDED = 4;
    private static final int IPV6 = 5;

    /** MRQC (10.2.5.19): two queues, and what to hash. */
    private static final int MODE = 3;

    private static final int TWO_QUEUES = 1;
    private static final int HASH_TCP_IPV4 = 1 << 16;
    private static final int HASH_IPV4 = 1 << 17;
    private static final int HASH_TCP_IPV6 = 1 << 18;
    private static final int HASH_IPV6_EXTENDED = 1 << 19;
    private static final int HASH_IPV6 = 1 << 20;
    private static final int IPV6_HEADER = 40;

    private static final int KEY_WORDS = Toeplitz.KEY / 4;
    private static final int ENTRIES = 0x7f;

    private final NicRegisters registers;
    private final Family family;
    private final Toeplitz toeplitz = new Toeplitz();
    private final int[] known = new int[KEY_WORDS];
    private final byte[] key = new byte[Toeplitz.KEY];

    Rss(NicRegisters registers, Family family) {
        this.registers = registers;
        this.family = family;
        toeplitz.key(key);
    }

    boolean isOn() {
        return family.isExpress()
                && (registers.get(Reg.MRQC) & MODE) == TWO_QUEUES
                && (registers.get(Reg.RXCSUM) & Reg.RXCSUM_NO_PACKET_SUM) != 0
                && (registers.get(Reg.RFCTL) & Reg.RFCTL_EXTENDED) != 0;
    }

    /** Chooses the queue; what cannot be hashed goes to the first one. */
    void choose(MemorySegment frame, PacketHeaders headers, ReceivedFrame into) {
        into.hashType = type(headers, registers.get(Reg.MRQC));
        if (into.hashType == 0) {
            return;
        }
        followKey();
        boolean ports = into.hashType == TCP_IPV4 || into.hashType == TCP_IPV6;
        into.hash = toeplitz.hash(frame, headers, ports);
        int entry = into.hash & ENTRIES;
        into.queue = (registers.get(Reg.RETA + (entry & ~3)) >>> (8 * (entry & 3) + 7)) & 1;
    }

    private static int type(PacketHeaders headers, int mrqc) {
        boolean tcp = headers.isTcp();
        if (headers.isIpv4()) {
            return tcp && (mrqc & HASH_TCP_IPV4) != 0 ? TCP_IPV4 : (mrqc & HASH_IPV4) != 0 ? IPV4 : 0;
        }
        if (!headers.isIpv6()) {
            return 0;
        }
        if (tcp && (mrqc & HASH_TCP_IPV6) != 0) {
            return TCP_IPV6;
        }
        boolean extended = headers.networkLength() > IPV6_HEADER;
        if (extended && (mrqc & HASH_IPV6_EXTENDED) != 0) {
            return IPV6_EXTENDED;
        }
        return (mrqc & HASH_IPV6) != 0 ? IPV6 : 0;
    }

    /** RSSRK has the key's first byte lowest in its first register (10.2.5.21). */
    private void followKey() {
        boolean changed = false;
        for (int i = 0; i < KEY_WORDS; i++) {
            int word = registers.get(Reg.RSSRK + 4 * i);
            if (word != known[i]) {
                known[i] = word;
                changed = true;
                for (int j = 0; j < 4; j++) {
                    key[4 * i + j] = (byte) (word >>> (8 * j));
                }
            }
        }
        if (changed) {
            toeplitz.key(key);
        }
    }
}
