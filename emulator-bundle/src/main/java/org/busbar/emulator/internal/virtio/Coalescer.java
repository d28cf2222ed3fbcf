package org.busbar.emulator.internal.virtio;

import static org.busbar.emulator.internal.net.InternetChecksum.INT;
import static org.busbar.emulator.internal.net.InternetChecksum.SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.emulator.internal.net.InternetChecksum;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.PacketHeaders;
import org.busbar.emulator.internal.net.SwitchPort;

/**
 * Takes frames from the port, and puts segments of one TCP stream that follow each other together again, if the driver
 * takes large packets (VIRTIO_NET_F_GUEST_TSO4 and 6; 5.1.6.4). Device's thread only; allocates nothing per frame.
 */
final class Coalescer {

    /** The longest packet, 65,535 bytes, and Ethernet with a tag. */
    static final int MAX_BYTES = 65_535 + 18;

    private static final int OVERHEAD = 18;
    private static final int TCP_FLAGS = 13;
    private static final int ACK = 0x10;
    private static final int ACK_PSH = 0x18;
    private static final int TCP_SUM = 16;

    private final SwitchPort port;
    private final ReceiveFilter filter;
    private final long features;
    private final int longest;
    private final MemorySegment frame;
    private final MemorySegment ahead = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME, 8);
    private final PacketHeaders headers = new PacketHeaders();
    private final PacketHeaders next = new PacketHeaders();
    private int aheadLength;
    private boolean verified;
    private int segmentSize;

    /**
     * @param frame where frames are put, with {@link #MAX_BYTES} of room
     * @param mtu longer frames are not taken
     */
    Coalescer(SwitchPort port, ReceiveFilter filter, long features, int mtu, MemorySegment frame) {
        this.port = port;
        this.filter = filter;
        this.features = features;
        this.frame = frame;
        longest = mtu + OVERHEAD;
    }

    /** Whether a frame was taken from the wire that is still to be had. */
    boolean holdsOne() {
        return aheadLength > 0;
    }

    boolean hasMore() {
        return aheadLength > 0 || port.waiting() > 0;
    }

    /** Takes a frame, or several as one; returns its length, or 0 if there was none, or none that is wanted. */
    int take() {
        int length = aheadLength;
        segmentSize = 0;
        if (length > 0) {
            MemorySegment.copy(ahead, 0, frame, 0, length);
            aheadLength = 0;
        } else {
            length = fetch(frame);
        }
        if (length == 0) {
            return 0;
        }
        headers.parse(frame, length);
        verified = (features & Virtio.GUEST_CSUM) != 0 && InternetChecksum.verified(frame, headers);
        return verified && mayGrow() ? grow(length) : length;
    }

    /** Returns the headers of the frame that was taken. */
    PacketHeaders headers() {
        return headers;
    }

    /** Whether the checksum of TCP or UDP was found right. */
    boolean verified() {
        return verified;
    }

    /** Returns how many bytes of payload the segments had that were put together; 0 if nothing was put together. */
    int segmentSize() {
        return segmentSize;
    }

    private int fetch(MemorySegment target) {
        int length = port.receive(target, 0, NetworkSwitch.MAX_FRAME);
        return length > longest || port.damaged() || length == 0 || !filter.wants(target, length) ? 0 : length;
    }

    private boolean mayGrow() {
        long feature = headers.isIpv6() ? Virtio.GUEST_TSO6 : Virtio.GUEST_TSO4;
        return (features & feature) != 0
                && isPlain(headers)
                && payload(frame, headers) > 0
                && flags(frame, headers) == ACK;
    }

    /** TCP without options of IP or extension headers, in a frame without a tag. */
    private static boolean isPlain(PacketHeaders of) {
        return of.isTcp() && of.network() == 14 && of.networkLength() == (of.isIpv6() ? 40 : 20);
    }

    private int grow(int single) {
        int size = payload(frame, headers);
        int end = headers.end();
        int segments = 1;
        while (port.waiting() > 0 && flags(frame, headers) == ACK) {
            aheadLength = fetch(ahead);
            int more = aheadLength == 0 ? 0 : follows(end, size);
            if (more == 0) {
                break;
            }
            MemorySegment.copy(ahead, next.end() - more, frame, end, more);
            frame.set(ValueLayout.JAVA_BYTE, headers.transport() + TCP_FLAGS, (byte) flags(ahead, next));
            end += more;
            segments++;
            aheadLength = 0;
            if (more < size) {
                break;
            }
        }
        return segments == 1 ? single : finish(end, size);
    }

    /** Returns how many bytes of payload the frame ahead has, if it is the next segment of the same stream, or else 0. */
    private int follows(int end, int size) {
        next.parse(ahead, aheadLength);
        if (next.isIpv6() != headers.isIpv6() || !isPlain(next) || !InternetChecksum.verified(ahead, next)) {
            return 0;
        }
        int transport = headers.transport();
        int offset = end - transport - headerBytes(frame, transport);
        int more = payload(ahead, next);
        boolean fits = more > 0 && more <= size && end + more <= (headers.isIpv6() ? 54 : 14) + 65_535;
        int flags = flags(ahead, next);
        return fits
                && (flags == ACK || flags == ACK_PSH)
                && sameStream()
                && ahead.get(INT, transport + 4) == frame.get(INT, transport + 4) + offset
                        ? more
                        : 0;
    }

    /** Addresses, ports, acknowledgement, window and options are the same. */
    private boolean sameStream() {
        int network = headers.network();
        int transport = headers.transport();
        int bytes = headerBytes(frame, transport);
        return same(0, network)
                && same(network + (headers.isIpv6() ? 8 : 12), transport + 4)
                && same(transport + 8, transport + TCP_FLAGS)
                && same(transport + 14, transport + TCP_SUM)
                && same(transport + 18, transport + bytes);
    }

    private boolean same(int from, int to) {
        return to <= aheadLength && MemorySegment.mismatch(frame, from, to, ahead, from, to) < 0;
    }

    /** Lengths are those of the whole; the checksum is what a driver would have begun with (5.1.6.4.1). */
    private int finish(int end, int size) {
        segmentSize = size;
        int network = headers.network();
        if (headers.isIpv6()) {
            frame.set(SHORT, network + 4, (short) (end - network - 40));
        } else {
            frame.set(SHORT, network + 2, (short) (end - network));
            frame.set(SHORT, network + 10, (short) 0);
            frame.set(SHORT, network + 10, (short) ~InternetChecksum.sum(frame, network, headers.transport()));
        }
        int pseudo = InternetChecksum.pseudoHeader(
                frame, network, headers.isIpv6(), PacketHeaders.TCP, end - headers.transport());
        frame.set(SHORT, headers.transport() + TCP_SUM, (short) pseudo);
        return end;
    }

    /** Returns how many bytes of headers the packet has that was put together. */
    int headerBytes() {
        return headers.transport() + headerBytes(frame, headers.transport());
    }

    private static int headerBytes(MemorySegment of, int transport) {
        return (of.get(ValueLayout.JAVA_BYTE, transport + 12) & 0xf0) >>> 2;
    }

    private static int payload(MemorySegment of, PacketHeaders where) {
        return where.end() - where.transport() - headerBytes(of, where.transport());
    }

    private static int flags(MemorySegment of, PacketHeaders where) {
        return of.get(ValueLayout.JAVA_BYTE, where.transport() + TCP_FLAGS) & 0xff;
    }
}
