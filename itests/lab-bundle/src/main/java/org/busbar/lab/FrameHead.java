package org.busbar.lab;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;

/**
 * The headers of a frame for {@link NetLoad}: Ethernet with a type for local experiments (IEEE 802, 0x88b5), and as many octets as
 * IPv4 and UDP have, of which two count on.
 */
final class FrameHead {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int BYTES = 14 + 20 + 8;
    private static final int TYPE = 12;
    private static final short EXPERIMENT = (short) 0x88b5;
    private static final int NUMBER = 18;

    private final MemorySegment head = Arena.ofAuto().allocate(BYTES, Long.BYTES);
    private short number;

    FrameHead(MacAddress from, MacAddress to) {
        for (int i = 0; i < 6; i++) {
            head.set(ValueLayout.JAVA_BYTE, i, to.octet(i));
            head.set(ValueLayout.JAVA_BYTE, 6 + i, from.octet(i));
        }
        head.set(SHORT, TYPE, EXPERIMENT);
    }

    void putInto(Packet packet, int bytes) {
        MemorySegment data = packet.data();
        MemorySegment.copy(head, 0, data, 0, BYTES);
        data.set(SHORT, NUMBER, number++);
        packet.length(bytes);
    }
}
