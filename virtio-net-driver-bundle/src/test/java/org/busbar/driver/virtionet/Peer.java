package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;
import org.busbar.net.MacAddress;

/** A plain port on the switch, and frames for it. */
final class Peer {

    static final MacAddress MAC = new MacAddress(0x0200_0000_00ffL);
    static final MacAddress EVERYBODY = new MacAddress(0xffff_ffff_ffffL);
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final SwitchPort port;
    private final MemorySegment out = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME, 8);

    Peer(NetworkSwitch network) {
        port = network.attach("peer", () -> {});
    }

    /** Sends a frame whose bytes from 14 on are a number in their first four, and then count. */
    void send(MacAddress to, MacAddress from, int number, int length) {
        send(to, from, -1, number, length);
    }

    /**
     * @param vlan tag, negative for none
     */
    void send(MacAddress to, MacAddress from, int vlan, int number, int length) {
        for (int i = 0; i < length; i++) {
            out.set(ValueLayout.JAVA_BYTE, i, (byte) i);
        }
        for (int i = 0; i < 6; i++) {
            out.set(ValueLayout.JAVA_BYTE, i, to.octet(i));
            out.set(ValueLayout.JAVA_BYTE, 6 + i, from.octet(i));
        }
        int at = 12;
        if (vlan >= 0) {
            out.set(SHORT, at, (short) 0x8100);
            out.set(SHORT, at + 2, (short) vlan);
            at += 4;
        }
        out.set(SHORT, at, (short) 0x88b5);
        out.set(INT, at + 2, number);
        assertThat(port.send(out, 0, length)).isTrue();
    }

    void send(MemorySegment frame, int length) {
        assertThat(port.send(frame, 0, length)).isTrue();
    }

    /** Returns so many frames as they arrived, for whomever. */
    List<MemorySegment> receive(int count) {
        List<MemorySegment> frames = new ArrayList<>();
        Deadline deadline = Deadline.afterMillis(20_000);
        while (frames.size() < count) {
            MemorySegment frame = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME, 8);
            int length = port.receive(frame, 0, NetworkSwitch.MAX_FRAME);
            if (length > 0) {
                frames.add(frame.asSlice(0, length));
            }
            assertThat(deadline.expired()).as("%d of %d frames", frames.size(), count).isFalse();
            Thread.onSpinWait();
        }
        return frames;
    }

    /** The sum of RFC 1071, folded. */
    static int sum(MemorySegment data, long from, long to) {
        long sum = 0;
        for (long at = from; at < to; at++) {
            int value = data.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            sum += (at - from & 1) == 0 ? value << 8 : value;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }

    /** The sum of the pseudo header of an IPv4 frame. */
    static int pseudo(MemorySegment frame, int protocol, int bytes) {
        int sum = sum(frame, 26, 34) + protocol + bytes;
        return (sum & 0xffff) + (sum >>> 16);
    }

    /** Whether the checksums of IPv4 and of what it carries are right. */
    static boolean isRight(MemorySegment frame) {
        int total = frame.get(SHORT, 16) & 0xffff;
        int protocol = frame.get(ValueLayout.JAVA_BYTE, 23);
        int transport = sum(frame, 34, 14 + total) + pseudo(frame, protocol, total - 20);
        return sum(frame, 14, 34) == 0xffff && (transport & 0xffff) + (transport >>> 16) == 0xffff;
    }

    /** Writes Ethernet and IPv4 headers, the latter with its checksum. */
    static void ipv4(MemorySegment frame, MacAddress to, MacAddress from, int protocol, int bytes) {
        for (int i = 0; i < 6; i++) {
            frame.set(ValueLayout.JAVA_BYTE, i, to.octet(i));
            frame.set(ValueLayout.JAVA_BYTE, 6 + i, from.octet(i));
        }
        frame.set(SHORT, 12, (short) 0x0800);
        frame.set(SHORT, 14, (short) 0x4500);
        frame.set(SHORT, 16, (short) (20 + bytes));
        frame.set(INT, 18, 0x1234_4000);
        frame.set(SHORT, 22, (short) (64 << 8 | protocol));
        frame.set(SHORT, 24, (short) 0);
        frame.set(INT, 26, 0x0a00_0001);
        frame.set(INT, 30, 0x0a00_0002);
        frame.set(SHORT, 24, (short) ~sum(frame, 14, 34));
    }
}
