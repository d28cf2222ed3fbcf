package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.device.Deadline;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;

/** Has two ports send to each other as much as they take, in packets of one pool, and gives all that it has back at the end. */
final class PooledTraffic extends Load {

    private static final int BATCH = 16;
    private static final int FRAME = 200;
    private static final int CONTENT = 14;

    private final End one;
    private final End two;
    private final Packet[] packets = new Packet[BATCH];

    private record End(PortQueue queue, MacAddress mac) {}

    private PooledTraffic(String name, End one, End two) {
        super(name);
        this.one = one;
        this.two = two;
    }

    /** Begins between two ports whose links are up. */
    static PooledTraffic on(NetworkPort first, NetworkPort second, PacketPool pool)
            throws IOException, InterruptedException {
        PortQueueOptions options = PortQueueOptions.DEFAULT.withPool(pool);
        End one = new End(first.openQueue(options), first.mac());
        End two = new End(second.openQueue(options), second.mac());
        PooledTraffic traffic = new PooledTraffic(first.name() + " and " + second.name(), one, two);
        traffic.begin();
        return traffic;
    }

    /** Goes on until something has arrived at both ends. */
    @Override
    void round() throws InterruptedException {
        Deadline deadline = Rig.soon();
        boolean there = false;
        boolean back = false;
        while (!there || !back) {
            send(one, two);
            send(two, one);
            there |= receive(two);
            back |= receive(one);
            assertThat(deadline.expired()).as("frames: there %s, back %s, too late", there, back).isFalse();
        }
    }

    private void send(End from, End to) {
        int count = 0;
        int sent = 0;
        try {
            for (Packet packet = from.queue.allocate(); packet != null; packet = from.queue.allocate()) {
                fill(packet, from, to);
                packets[count++] = packet;
                if (count == BATCH) {
                    break;
                }
            }
            sent = from.queue.transmit(packets, 0, count);
        } finally {
            for (int i = sent; i < count; i++) {
                packets[i].release();
            }
        }
    }

    private static void fill(Packet packet, End from, End to) {
        MemorySegment data = packet.data();
        for (int i = 0; i < 6; i++) {
            data.set(ValueLayout.JAVA_BYTE, i, to.mac.octet(i));
            data.set(ValueLayout.JAVA_BYTE, 6L + i, from.mac.octet(i));
        }
        // EtherType for local experiments (IEEE 802, clause 9.2.3).
        data.set(ValueLayout.JAVA_BYTE, 12, (byte) 0x88);
        data.set(ValueLayout.JAVA_BYTE, 13, (byte) 0xb5);
        for (int i = CONTENT; i < FRAME; i++) {
            data.set(ValueLayout.JAVA_BYTE, i, (byte) i);
        }
        packet.length(FRAME);
    }

    private boolean receive(End at) {
        int count = at.queue.receive(packets);
        for (int i = 0; i < count; i++) {
            Packet packet = packets[i];
            boolean whole = packet.length() == FRAME
                    && packet.data().get(ValueLayout.JAVA_BYTE, FRAME - 1) == (byte) (FRAME - 1)
                    && packet.data().get(ValueLayout.JAVA_BYTE, CONTENT) == CONTENT;
            packet.release();
            assertThat(whole).as("whether a frame is what was sent").isTrue();
        }
        return count > 0;
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
