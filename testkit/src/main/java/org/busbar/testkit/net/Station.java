package org.busbar.testkit.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;

/**
 * A plain port on a switch that sends frames whose length and every byte follow from a number, and looks at those that arrive.
 * For one thread at a time.
 */
final class Station {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int TYPE = 0x88b5;
    private static final int NUMBER = 14;
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
        address(out, to, mac);
        out.set(SHORT, 12, (short) TYPE);
        out.set(INT, NUMBER, number);
        int length = length(number);
        MemorySegment.copy(PATTERN, Math.floorMod(number, SHIFTS), out, CONTENT, length - CONTENT);
        port.send(out, 0, length);
    }

    /** Writes the addresses of a frame. */
    static void address(MemorySegment frame, MacAddress to, MacAddress from) {
        for (int i = 0; i < 6; i++) {
            frame.set(ValueLayout.JAVA_BYTE, i, to.octet(i));
            frame.set(ValueLayout.JAVA_BYTE, 6 + i, from.octet(i));
        }
    }

    /** Takes frames that have arrived, at most so many; returns how many. One that differs from what was sent is an error. */
    int receive(int most) {
        int taken = 0;
        for (int length = next(); length != 0; length = next()) {
            if (!isSent(in, length)) {
                throw new AssertionError("a frame of " + length + " bytes is not what was sent as number "
                        + in.get(INT, NUMBER));
            }
            if (++taken == most) {
                break;
            }
        }
        return taken;
    }

    /** Takes all frames that have arrived; returns how many of them are what was sent. */
    int receiveSome() {
        int right = 0;
        for (int length = next(); length != 0; length = next()) {
            right += isSent(in, length) ? 1 : 0;
        }
        return right;
    }

    private int next() {
        return port.receive(in, 0, NetworkSwitch.MAX_FRAME);
    }

    /** Returns whether a packet is, all by itself, a frame that a station has sent. */
    static boolean isFrame(Packet packet) {
        return packet.next() == null && isSent(packet.data(), packet.length());
    }

    private static boolean isSent(MemorySegment data, int length) {
        if (length < SHORTEST || data.get(SHORT, 12) != (short) TYPE) {
            return false;
        }
        int number = data.get(INT, NUMBER);
        int start = Math.floorMod(number, SHIFTS);
        return length == length(number)
                && MemorySegment.mismatch(data, CONTENT, length, PATTERN, start, start + length - CONTENT) < 0;
    }
}
