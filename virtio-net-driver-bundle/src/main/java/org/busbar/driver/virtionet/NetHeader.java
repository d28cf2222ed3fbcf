package org.busbar.driver.virtionet;

import static org.busbar.driver.virtionet.Little.INT;
import static org.busbar.driver.virtionet.Little.SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.net.driver.DriverPacket;

/** The header before each frame, struct virtio_net_hdr (5.1.6): in the headroom of its packet, so that both are one piece. */
final class NetHeader {

    /** Without a hash. */
    static final int BYTES = 12;

    /** With a hash, its kind and padding. */
    private static final int BYTES_WITH_HASH = 20;

    private static final int NEEDS_CSUM = 1;
    private static final int DATA_VALID = 2;
    private static final int GSO_TCPV4 = 1;
    private static final int GSO_TCPV6 = 4;

    // Offsets. The first eight bytes: flags, gso_type, hdr_len, gso_size, csum_start.
    private static final long FLAGS = 0;
    private static final long CSUM_START = 6;
    private static final long CSUM_OFFSET = 8;
    private static final long NUM_BUFFERS = 10;
    private static final long HASH_VALUE = 12;
    private static final long HASH_REPORT = 16;

    private NetHeader() {}

    /** How long it is. */
    static int bytes(Features features) {
        return features.has(Feature.HASH_REPORT) ? BYTES_WITH_HASH : BYTES;
    }

    /** Writes what is asked of the device for a frame (5.1.6.2) right before it. */
    static void write(DriverPacket frame, int bytes) {
        MemorySegment buffer = frame.buffer();
        int at = frame.headroom() - bytes;
        if (bytes == BYTES_WITH_HASH) {
            buffer.set(INT, at + HASH_VALUE, 0);
            buffer.set(INT, at + HASH_REPORT, 0);
        }
        int requests = frame.requests();
        if (requests == 0) {
            buffer.set(INT, at, 0);
            buffer.set(INT, at + 4, 0);
            buffer.set(INT, at + 8, 0);
            return;
        }
        boolean sum = (requests & DriverPacket.CHECKSUM) != 0;
        int gso = 0;
        int headers = 0;
        int payload = 0;
        if ((requests & (DriverPacket.SEGMENTATION_IPV4 | DriverPacket.SEGMENTATION_IPV6)) != 0) {
            gso = (requests & DriverPacket.SEGMENTATION_IPV6) != 0 ? GSO_TCPV6 : GSO_TCPV4;
            headers = frame.segmentHeaders();
            payload = frame.segmentPayload();
        }
        buffer.set(INT, at, (sum ? NEEDS_CSUM : 0) | gso << 8 | headers << 16);
        buffer.set(INT, at + 4, payload | (sum ? frame.checksumStart() << 16 : 0));
        buffer.set(INT, at + 8, sum ? frame.checksumField() : 0);
    }

    /** How many buffers a received frame takes; only if MRG_RXBUF was negotiated. */
    static int buffers(DriverPacket frame, int bytes) {
        return frame.buffer().get(SHORT, frame.headroom() - bytes + NUM_BUFFERS) & 0xffff;
    }

    /** Whether the device has found the checksum right (5.1.6.4.1). */
    static boolean dataValid(DriverPacket frame, int bytes) {
        return (frame.buffer().get(ValueLayout.JAVA_BYTE, frame.headroom() - bytes + FLAGS) & DATA_VALID) != 0;
    }

    /** Whether the checksum is not filled in, because the frame has never been on a wire. */
    static boolean needsChecksum(DriverPacket frame, int bytes) {
        return (frame.buffer().get(ValueLayout.JAVA_BYTE, frame.headroom() - bytes + FLAGS) & NEEDS_CSUM) != 0;
    }

    static int checksumStart(DriverPacket frame, int bytes) {
        return frame.buffer().get(SHORT, frame.headroom() - bytes + CSUM_START) & 0xffff;
    }

    static int checksumOffset(DriverPacket frame, int bytes) {
        return frame.buffer().get(SHORT, frame.headroom() - bytes + CSUM_OFFSET) & 0xffff;
    }

    /** The hash that the device has chosen a queue by, 0 if it had nothing to hash; only if HASH_REPORT was negotiated. */
    static int hash(DriverPacket frame) {
        MemorySegment buffer = frame.buffer();
        int at = frame.headroom() - BYTES_WITH_HASH;
        return buffer.get(SHORT, at + HASH_REPORT) == 0 ? 0 : buffer.get(INT, at + HASH_VALUE);
    }
}
