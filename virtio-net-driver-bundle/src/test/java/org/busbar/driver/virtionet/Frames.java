package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;

/** Frames whose every byte follows from a number, so that a mistake anywhere shows. */
final class Frames {

    private static final int HEADER = 14;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private Frames() {}

    static void fill(Packet packet, MacAddress to, MacAddress from, long number, int length) {
        MemorySegment data = packet.data();
        for (int i = 0; i < 6; i++) {
            data.set(ValueLayout.JAVA_BYTE, i, to.octet(i));
            data.set(ValueLayout.JAVA_BYTE, 6 + i, from.octet(i));
        }
        data.set(ValueLayout.JAVA_BYTE, 12, (byte) 0x88);
        data.set(ValueLayout.JAVA_BYTE, 13, (byte) 0xb5);
        data.set(LONG, HEADER, number);
        for (int i = HEADER + 8; i < length; i++) {
            data.set(ValueLayout.JAVA_BYTE, i, content(number, i));
        }
        packet.length(length);
    }

    static long number(Packet packet) {
        return packet.data().get(LONG, HEADER);
    }

    static void verify(Packet packet, MacAddress to, MacAddress from, long number, int length) {
        assertThat(packet.length()).isEqualTo(length);
        assertThat(number(packet)).isEqualTo(number);
        for (int i = 0; i < 6; i++) {
            assertThat(packet.data().get(ValueLayout.JAVA_BYTE, i)).isEqualTo(to.octet(i));
            assertThat(packet.data().get(ValueLayout.JAVA_BYTE, 6 + i)).isEqualTo(from.octet(i));
        }
        for (int i = HEADER + 8; i < length; i++) {
            if (packet.data().get(ValueLayout.JAVA_BYTE, i) != content(number, i)) {
                throw new AssertionError("frame " + number + " differs at " + i);
            }
        }
    }

    private static byte content(long number, int index) {
        return (byte) (number * 31 + index);
    }
}
