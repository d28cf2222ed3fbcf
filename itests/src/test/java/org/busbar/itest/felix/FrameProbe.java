package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import org.busbar.device.Deadline;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;

/** Finds out which frames a port receives: sends one that it may or may not, and then one to everybody, which it must. */
final class FrameProbe implements AutoCloseable {

    private static final MacAddress EVERYBODY = MacAddress.parse("ff:ff:ff:ff:ff:ff");
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int TAG = 0x8100;
    /** For local experiments (IEEE 802, clause 9.2.3). */
    private static final int LOCAL = 0x88b5;
    private static final int TYPE = 12;
    private static final int FRAME = 64;
    private static final int NO_TAG = -1;

    private final MacAddress sender;
    private final PortQueue from;
    private final PortQueue to;
    private int number;

    private FrameProbe(MacAddress sender, PortQueue from, PortQueue to) {
        this.sender = sender;
        this.from = from;
        this.to = to;
    }

    /** Opens a queue of each of two ports whose links are up. */
    static FrameProbe between(NetworkPort from, NetworkPort to) throws IOException {
        return new FrameProbe(from.mac(), from.openQueue(), to.openQueue());
    }

    /** Whether a frame to an address is received. */
    boolean arrives(MacAddress destination) throws InterruptedException {
        return probe(destination, NO_TAG).isPresent();
    }

    /** Returns the VLAN that a frame of a VLAN to everybody is received with, if it is. */
    Optional<Integer> arrivesTagged(int vlan) throws InterruptedException {
        return probe(EVERYBODY, vlan);
    }

    private Optional<Integer> probe(MacAddress destination, int vlan) throws InterruptedException {
        int probe = ++number;
        int marker = ++number;
        send(destination, vlan, probe);
        send(EVERYBODY, NO_TAG, marker);
        Optional<Integer> seen = Optional.empty();
        Packet[] one = new Packet[1];
        Deadline deadline = Rig.soon();
        while (true) {
            if (to.receive(one) == 0) {
                assertThat(to.awaitReceive(deadline)).as("a frame to everybody arrives").isTrue();
                continue;
            }
            MemorySegment data = one[0].data();
            boolean tagged = (data.get(SHORT, TYPE) & 0xffff) == TAG;
            int tag = tagged ? data.get(SHORT, TYPE + 2) & 0xfff : one[0].vlan();
            int got = data.get(INT, tagged ? TYPE + 6 : TYPE + 2);
            one[0].release();
            if (got == marker) {
                return seen;
            }
            if (got == probe) {
                seen = Optional.of(tag);
            }
        }
    }

    private void send(MacAddress destination, int vlan, int content) {
        Packet packet = from.allocate();
        assertThat(packet).as("a free packet").isNotNull();
        MemorySegment data = packet.data();
        data.asSlice(0, FRAME).fill((byte) 0);
        for (int i = 0; i < 6; i++) {
            data.set(ValueLayout.JAVA_BYTE, i, destination.octet(i));
            data.set(ValueLayout.JAVA_BYTE, 6L + i, sender.octet(i));
        }
        int at = TYPE;
        if (vlan != NO_TAG) {
            data.set(SHORT, at, (short) TAG);
            data.set(SHORT, at + 2L, (short) vlan);
            at += 4;
        }
        data.set(SHORT, at, (short) LOCAL);
        data.set(INT, at + 2L, content);
        packet.length(FRAME);
        Packet[] batch = {packet};
        Deadline deadline = Rig.soon();
        while (from.transmit(batch, 0, 1) == 0) {
            assertThat(deadline.expired()).as("no room for a frame").isFalse();
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        try (to) {
            from.close();
        }
    }
}
