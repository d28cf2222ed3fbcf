package org.busbar.driver.virtionet;

import static org.busbar.driver.virtionet.Little.INT;
import static org.busbar.driver.virtionet.Little.SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The header before each frame, struct virtio_net_hdr (5.1.6). */
final class NetHeader {

    static final int BYTES = 12;

    private static final int NEEDS_CSUM = 1;
    private static final int DATA_VALID = 2;
    private static final int GSO_TCPV4 = 1;
    private static final int GSO_TCPV6 = 4;

    // Offsets. The first eight bytes: flags, gso_type, hdr_len, gso_size, csum_start.
    private static final long FLAGS = 0;
    private static final long CSUM_START = 6;
    private static final long CSUM_OFFSET = 8;
    private static final long NUM_BUFFERS = 10;

    private NetHeader() {}

    /** Nothing is asked of the device. */
    static void clear(MemorySegment header) {
        header.set(INT, 0, 0);
        header.set(INT, 4, 0);
        header.set(INT, 8, 0);
    }

    /**
     * Writes what is asked of the device (5.1.6.2).
     *
     * @param field where the checksum goes, negative for none
     * @param payload of a segment, 0 for no segmentation
     */
    static void write(MemorySegment header, int start, int field, boolean ipv6, int headers, int payload) {
        int gso = payload == 0 ? 0 : ipv6 ? GSO_TCPV6 : GSO_TCPV4;
        boolean sum = field >= 0;
        header.set(INT, 0, (sum ? NEEDS_CSUM : 0) | gso << 8 | (payload == 0 ? 0 : headers << 16));
        header.set(INT, 4, payload | (sum ? start << 16 : 0));
        header.set(INT, 8, sum ? field : 0);
    }

    /** How many buffers a received frame takes; only if MRG_RXBUF was negotiated. */
    static int buffers(MemorySegment header) {
        return header.get(SHORT, NUM_BUFFERS) & 0xffff;
    }

    /** Whether the device has found the checksum right (5.1.6.4.1). */
    static boolean dataValid(MemorySegment header) {
        return (header.get(ValueLayout.JAVA_BYTE, FLAGS) & DATA_VALID) != 0;
    }

    /** Whether the checksum is not filled in, because the frame has never been on a wire. */
    static boolean needsChecksum(MemorySegment header) {
        return (header.get(ValueLayout.JAVA_BYTE, FLAGS) & NEEDS_CSUM) != 0;
    }

    static int checksumStart(MemorySegment header) {
        return header.get(SHORT, CSUM_START) & 0xffff;
    }

    static int checksumOffset(MemorySegment header) {
        return header.get(SHORT, CSUM_OFFSET) & 0xffff;
    }
}
