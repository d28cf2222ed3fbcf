package org.busbar.driver.nic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.net.driver.DriverPacket;
import org.jspecify.annotations.Nullable;

/**
 * What a frame asks of the controller besides being sent, in terms of its descriptors: a context descriptor before the frame's
 * own says where headers are (7.2.4 to 7.2.7; SDM 3.3.6, 3.3.7 and 3.5). One object serves all frames of a queue, one by one.
 */
final class Offload {

    // What all descriptors of a frame have, in their second halves: command 31:24, options 47:40.
    private static final long INSERT_FCS = 1L << 25;
    private static final long EXTENDED = 1L << 29;
    private static final long INSERT_TAG = 1L << 30;
    private static final int TAG_SHIFT = 48;
    private static final long DATA = 1L << 20;
    private static final long SEGMENT = 1L << 26;
    private static final long FILL_IP_CHECKSUM = 1L << 40;
    private static final long FILL_CHECKSUM = 1L << 41;

    // The second half of a context descriptor: payload 19:0, command, header 47:40, segment 63:48.
    private static final long TCP = 1L << 24;
    private static final long IPV4 = 1L << 25;

    private static final int SEGMENTATION = DriverPacket.SEGMENTATION_IPV4 | DriverPacket.SEGMENTATION_IPV6;
    private static final int TCP_CHECKSUM = 16;
    private static final int IP_CHECKSUM = 10;
    private static final int IP_LENGTH = 2;
    private static final int IPV6_LENGTH = 4;
    private static final int TYPE = 12;
    private static final int TAGGED = 0x8100;
    private static final int ETHERNET = 14;
    /** Offsets in a context descriptor have eight bits. */
    private static final int MAX_OFFSET = 255;
    /** An IP packet's length has sixteen bits. */
    private static final int MAX_SEGMENTED = 0xffff + 18;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Family family;
    private final Choices choices;

    private DriverPacket frame;
    private int bytes;
    private boolean context;
    private long contextLow;
    private long contextHigh;
    private long common;

    @SuppressWarnings("NullAway.Init") // there is a frame whenever there is something to ask
    Offload(Family family, Choices choices) {
        this.family = family;
        this.choices = choices;
    }

    /** Whether the frame needs a context descriptor. */
    boolean hasContext() {
        return context;
    }

    long contextLow() {
        return contextLow;
    }

    long contextHigh() {
        return contextHigh;
    }

    /** What each descriptor of the frame has, but for length and the end of the packet. */
    long common() {
        return common;
    }

    /**
     * Looks at what a frame asks for.
     *
     * @param total bytes of the frame
     * @return why the controller cannot do it; null if it can
     */
    @Nullable
    String plan(DriverPacket packet, int total) {
        context = false;
        common = INSERT_FCS;
        int requests = packet.requests();
        if (requests == 0) {
            return null;
        }
        frame = packet;
        bytes = total;
        if ((requests & DriverPacket.VLAN) != 0) {
            if (!choices.vlanMode()) {
                return "this controller puts in tags of VLANs only while it takes them out: turn stripping on first";
            }
            common |= INSERT_TAG | (long) packet.requestedVlan() << TAG_SHIFT;
        }
        if ((requests & ~DriverPacket.VLAN) == 0) {
            return null;
        }
        context = true;
        common |= EXTENDED | DATA;
        contextLow = 0;
        contextHigh = EXTENDED;
        String problem = null;
        if ((requests & DriverPacket.CHECKSUM) != 0) {
            problem = checksum();
        }
        if (problem == null && (requests & DriverPacket.IP_CHECKSUM) != 0) {
            problem = ipChecksum(packet.ipChecksumStart(), packet.ipChecksumBytes());
        }
        if (problem == null && (requests & SEGMENTATION) != 0) {
            problem = segmentation(requests);
        }
        return problem;
    }

    /** To the end of the frame, which TUCSE = 0 says. That it is TCP matters to sums of zero, which UDP sends as ones. */
    private @Nullable String checksum() {
        int start = frame.checksumStart();
        int field = start + frame.checksumField();
        if (field > MAX_OFFSET || field + 2 > bytes) {
            return "a checksum's field is within the frame and its first 256 bytes";
        }
        contextLow |= (long) start << 32 | (long) field << 40;
        contextHigh |= frame.checksumField() == TCP_CHECKSUM ? TCP : 0;
        common |= FILL_CHECKSUM;
        return null;
    }

    private @Nullable String ipChecksum(int start, int header) {
        if (start + IP_CHECKSUM > MAX_OFFSET || start + header > frame.length()) {
            return "an IP header whose checksum is to be filled in is within the first buffer and its first 256 bytes";
        }
        contextLow |= start | (long) (start + IP_CHECKSUM) << 8 | (long) (start + header - 1) << 16;
        contextHigh |= IPV4;
        common |= FILL_IP_CHECKSUM;
        return null;
    }

    private @Nullable String segmentation(int requests) {
        boolean ipv6 = (requests & DriverPacket.SEGMENTATION_IPV6) != 0;
        int headers = frame.segmentHeaders();
        int payload = frame.segmentPayload();
        if ((requests & DriverPacket.CHECKSUM) == 0 || frame.checksumField() != TCP_CHECKSUM) {
            return "a frame to be segmented needs its TCP checksum requested as well";
        }
        if (ipv6 && !family.segmentsIpv6()) {
            return "this controller does not segment TCP over IPv6";
        }
        int start = frame.checksumStart();
        if (headers > MAX_OFFSET || headers > frame.length() || headers < start + TCP_CHECKSUM + 2) {
            return "the headers of a frame to be segmented have 255 bytes at most, and lie in its first buffer";
        }
        if (bytes > MAX_SEGMENTED || headers + payload > choices.mtu() + Family.AROUND_PAYLOAD - 4) {
            return "a frame to be segmented is no longer than an IP packet, and its segments than the MTU allows";
        }
        int ip = ipStart();
        if (!ipv6 && (requests & DriverPacket.IP_CHECKSUM) == 0) {
            String problem = ipChecksum(ip, start - ip);
            if (problem != null) {
                return problem;
            }
        } else if (ipv6) {
            contextLow |= ip | (long) (start - 1) << 16;
        }
        contextHigh |= SEGMENT | bytes - headers | (long) headers << 40 | (long) payload << 48;
        common |= SEGMENT;
        return null;
    }

    private int ipStart() {
        return (frame.data().get(SHORT, TYPE) & 0xffff) == TAGGED ? ETHERNET + 4 : ETHERNET;
    }

    /**
     * Brings the headers into the form that the controller wants: an IP checksum of zero, because it sums up what is there; and
     * for segmentation lengths of zero, in the IP header and in the sum of the pseudo header, because it adds those of each
     * segment (SDM 3.5.7).
     */
    void prepare() {
        int requests = frame.requests();
        MemorySegment data = frame.data();
        if ((common & FILL_IP_CHECKSUM) != 0) {
            data.set(SHORT, contextLow >>> 8 & MAX_OFFSET, (short) 0);
        }
        if ((requests & SEGMENTATION) != 0) {
            boolean ipv6 = (requests & DriverPacket.SEGMENTATION_IPV6) != 0;
            data.set(SHORT, (contextLow & MAX_OFFSET) + (ipv6 ? IPV6_LENGTH : IP_LENGTH), (short) 0);
            int field = frame.checksumStart() + TCP_CHECKSUM;
            int length = bytes - frame.checksumStart();
            data.set(SHORT, field, (short) without(data.get(SHORT, field) & 0xffff, length));
        }
    }

    /** Subtracts from a sum in one's complement. */
    static int without(int sum, int value) {
        int folded = (value & 0xffff) + (value >>> 16);
        int difference = sum + (~folded & 0xffff);
        return (difference & 0xffff) + (difference >>> 16);
    }
}
