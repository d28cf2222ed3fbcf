package org.busbar.testkit.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;
import org.busbar.net.MacAddress;

/**
 * A plain port on a switch that sends frames whose length and every byte follow from a number, and looks at those that arrive.
 * For one thread at a time.
 */
final class Station {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int TYPE = 0x88b5;
    private static final int CONTENT = 18;
    private static final int SHORTEST = 60;
    private static final int LENGTHS = 1400;
    private static final int SHIFTS = 251;
    private static final MemorySegment PATTERN = pattern();

    private final MacAddress mac;
    private final SwitchPort port;
    private final MemorySegment out = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME, 8);
    private final MemorySegment in = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME, 8);

    Station(NetworkSwitch network, MacAddress mac) {
        this.mac = mac;
        port = network.attach("station " + mac, () -> {});
    }

    private static MemorySegment pattern() {
        MemorySegment pattern = Arena.ofAuto().allocate(SHORTEST + LENGTHS + SHIFTS);
        for (int i = 0; i < pattern.byteSize(); i++) {
            pattern.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 7 + (i >> 5)));
        }
        return pattern;
    }

    private static int length(int number) {
        return SHORTEST + Math.floorMod(number, LENGTHS);
    }

    /** Sends a frame; one that the switch has no room for is lost. */
    void send(MacAddress to, int number) {
        for (int i = 0; i < 6; i++) {
            out.set(ValueLayout.JAVA_BYTE, i, to.octet(i));
            out.set(ValueLayout.JAVA_BYTE, 6 + i, mac.octet(i));
        }
        out.set(SHORT, 12, (short) TYPE);
        out.set(INT, 14, number);
        int length = length(number);
        MemorySegment.copy(PATTERN, Math.floorMod(number, SHIFTS), out, CONTENT, length - CONTENT);
        port.send(out, 0, length);
    }

    /** Takes frames that have arrived, at most so many; returns how many. One that differs from what was sent is an error. */
    int receive(int most) {
        for (int taken = 0; taken < most; taken++) {
            int length = port.receive(in, 0, NetworkSwitch.MAX_FRAME);
            if (length == 0) {
                return taken;
            }
            verify(length);
        }
        return most;
    }

    private void verify(int length) {
        int number = in.get(INT, 14);
        int expected = length(number);
        if (length != expected) {
            throw new AssertionError("frame " + number + " has " + length + " bytes, not " + expected);
        }
        int start = Math.floorMod(number, SHIFTS);
        long differs = MemorySegment.mismatch(in, CONTENT, length, PATTERN, start, start + length - CONTENT);
        if (differs >= 0) {
            throw new AssertionError("frame " + number + " of " + length + " bytes differs at " + (CONTENT + differs));
        }
    }
}
