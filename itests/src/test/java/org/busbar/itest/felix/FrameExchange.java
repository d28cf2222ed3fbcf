package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.device.Deadline;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;

/** Sends numbered frames from one port to another and back, and looks at what arrives: all, in order, and nothing else. */
final class FrameExchange extends Load {

    private static final ValueLayout.OfLong NUMBER =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int HEADER = 14;
    private static final int FRAME = 64;
    private static final int BATCH = 8;
    private static final int LOOK_MILLIS = 50;

    private final Side one;
    private final Side two;
    private final Packet[] packets = new Packet[BATCH];
    private long number;

    private FrameExchange(Side one, Side two) {
        super(one.port.name() + " and " + two.port.name());
        this.one = one;
        this.two = two;
    }

    /** A port and a queue of it. */
    private record Side(NetworkPort port, PortQueue queue, MacAddress mac) {

        static Side of(NetworkPort port, PortQueueOptions options) throws IOException {
            return new Side(port, port.openQueue(options), port.mac());
        }
    }

    /** Opens a queue of each of two ports whose links are up. */
    static FrameExchange between(NetworkPort one, NetworkPort two, PortQueueOptions options) throws IOException {
        Side first = Side.of(one, options);
        try {
            return new FrameExchange(first, Side.of(two, options));
        } catch (IOException | RuntimeException e) {
            first.queue.close();
            throw e;
        }
    }

    static FrameExchange on(NetworkPort one, NetworkPort two) throws IOException, InterruptedException {
        FrameExchange exchange = between(one, two, PortQueueOptions.DEFAULT);
        exchange.begin();
        return exchange;
    }

    PortQueue firstQueue() {
        return one.queue;
    }

    @Override
    void round() throws InterruptedException {
        pass(one, two);
        pass(two, one);
    }

    /** Sends a batch and waits for it. */
    void pass(Side from, Side to) throws InterruptedException {
        Deadline deadline = Rig.soon();
        long last = number + BATCH;
        send(from, to, number, BATCH, deadline);
        while (number < last) {
            int count = to.queue.receive(packets);
            for (int i = 0; i < count; i++) {
                long arrived = packets[i].data().get(NUMBER, HEADER);
                packets[i].release();
                assertThat(arrived).as("number of a frame").isEqualTo(number);
                number++;
            }
            if (count == 0 && !to.queue.awaitReceive(Deadline.afterMillis(LOOK_MILLIS).orEarlier(deadline))) {
                assertThat(deadline.expired()).as("whether frame " + number + " has not arrived in time").isFalse();
                // One more tells that what is missing was lost, if it arrives, or that the card that sends is gone.
                send(from, to, last, 1, deadline);
                last++;
            }
        }
    }

    /** Hands frames over as there is room for them; a port that drains has none. */
    private void send(Side from, Side to, long first, int count, Deadline deadline) throws InterruptedException {
        int made = 0;
        int sent = 0;
        try {
            while (made < count) {
                packets[made] = frame(from, to, first + made);
                made++;
            }
            while (sent < count) {
                assertThat(deadline.expired()).as("whether frame " + (first + sent) + " was not accepted").isFalse();
                int accepted = from.queue.transmit(packets, sent, count - sent);
                sent += accepted;
                if (accepted == 0) {
                    from.queue.awaitReceive(Deadline.afterMillis(1).orEarlier(deadline));
                }
            }
        } finally {
            for (int i = sent; i < made; i++) {
                packets[i].release();
            }
        }
    }

    private static Packet frame(Side from, Side to, long number) {
        Packet packet = from.queue.allocate();
        assertThat(packet).as("a free packet of " + from.port.name()).isNotNull();
        MemorySegment data = packet.data();
        for (int i = 0; i < 6; i++) {
            data.set(ValueLayout.JAVA_BYTE, i, to.mac.octet(i));
            data.set(ValueLayout.JAVA_BYTE, 6L + i, from.mac.octet(i));
        }
        // EtherType for local experiments (IEEE 802, clause 9.2.3).
        data.set(ValueLayout.JAVA_BYTE, 12, (byte) 0x88);
        data.set(ValueLayout.JAVA_BYTE, 13, (byte) 0xb5);
        data.set(NUMBER, HEADER, number);
        packet.length(FRAME);
        return packet;
    }

    @Override
    void finish() {
        try {
            one.queue.close();
        } finally {
            two.queue.close();
        }
    }
}
