package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.device.Deadline;
import org.busbar.emulator.Card;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PacketPools;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

/** Storage and network in one process: two driver bundles that never hear of each other, in both orders. */
public class SubsystemsIT extends OnRack {

    private static final ValueLayout.OfLong NUMBER =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int HEADER = 14;
    private static final int FRAME = 64;
    private static final int FRAMES = 50;
    private static final MacAddress FIRST = MacAddress.parse("52:54:00:00:00:03");
    private static final MacAddress SECOND = MacAddress.parse("52:54:00:00:00:04");

    private void insertAll() {
        rig.insert(1, 2);
        rig.rack().insert(3, new Card.Nic(FIRST));
        rig.rack().insert(4, new Card.Nic(SECOND));
        rig.awaitPresent(3);
        rig.awaitPresent(4);
    }

    private Bundle startNic() throws Exception {
        Bundle nic = rig.installModule("nic-driver-bundle");
        nic.start();
        return nic;
    }

    @Test
    public void L3_storageDriverArrivesAndLeavesWhileFramesGoThrough() throws Exception {
        insertAll();
        startNic();
        exchange();
        assertThat(rig.probes(1) + rig.probes(2)).as("probes of SSDs").isZero();
        ServiceReference<NetworkPort> before = portReference(3);
        Bundle nvme = rig.startNvme();
        Workload.verify(rig.blockDevice(1), 0, 1);
        exchange();
        nvme.stop();
        exchange();
        assertThat(portReference(3)).isEqualTo(before);
        assertThat(rig.probes(3) + rig.probes(4)).as("probes of NICs").isEqualTo(2);
    }

    @Test
    public void L3_networkDriverArrivesAndLeavesWhileDataIsWritten() throws Exception {
        insertAll();
        rig.startNvme();
        try (Workload workload = Workload.on(rig.blockDevice(1))) {
            assertThat(rig.probes(3) + rig.probes(4)).as("probes of NICs").isZero();
            Bundle nic = startNic();
            exchange();
            workload.awaitProgress();
            nic.stop();
            workload.awaitProgress();
            nic.start();
            exchange();
            workload.awaitProgress();
        }
        assertThat(rig.probes(1) + rig.probes(2)).as("probes of SSDs").isEqualTo(2);
        assertThat(rig.iommuFaults()).isEmpty();
    }

    @Test
    public void L6_packetsOutliveTheDriverThatMovesThem() throws Exception {
        insertAll();
        Bundle nic = startNic();
        PacketPools pools = rig.context().getService(rig.context().getServiceReference(PacketPools.class));
        PacketPool pool = pools.create(2048, 2048);
        PortQueueOptions options = PortQueueOptions.DEFAULT.withPool(pool);
        PortQueue one = port(3).openQueue(options);
        PortQueue two = port(4).openQueue(options);
        for (int number = 0; number < FRAMES; number++) {
            send(one, FIRST, SECOND, number);
            expect(two, number);
        }
        Packet held = one.allocate();
        nic.stop();
        assertThat(pool.available()).as("packets of queues that are still open").isLessThan(pool.size() - 1);
        one.close();
        two.close();
        assertThat(pool.available()).isEqualTo(pool.size() - 1);
        held.data().fill((byte) 1);
        held.release();
        pool.close();
        assertThat(rig.iommuFaults()).isEmpty();
    }

    /** Sends numbered frames from one card to the other and back, and looks at what arrives. */
    private void exchange() throws Exception {
        NetworkPort first = port(3);
        NetworkPort second = port(4);
        try (PortQueue one = first.openQueue();
                PortQueue two = second.openQueue()) {
            for (int number = 0; number < FRAMES; number++) {
                send(one, FIRST, SECOND, number);
                expect(two, number);
                send(two, SECOND, FIRST, number);
                expect(one, number);
            }
        }
    }

    private static void send(PortQueue queue, MacAddress from, MacAddress to, long number) {
        Packet packet = queue.allocate();
        MemorySegment data = packet.data();
        for (int i = 0; i < 6; i++) {
            data.set(ValueLayout.JAVA_BYTE, i, to.octet(i));
            data.set(ValueLayout.JAVA_BYTE, 6L + i, from.octet(i));
        }
        // EtherType for local experiments (IEEE 802, clause 9.2.3).
        data.set(ValueLayout.JAVA_BYTE, 12, (byte) 0x88);
        data.set(ValueLayout.JAVA_BYTE, 13, (byte) 0xb5);
        data.set(NUMBER, HEADER, number);
        packet.length(FRAME);
        assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).as("frames accepted").isEqualTo(1);
    }

    private static void expect(PortQueue queue, long number) throws InterruptedException {
        Packet[] into = new Packet[1];
        Deadline deadline = Rig.soon();
        while (queue.receive(into) == 0) {
            assertThat(queue.awaitReceive(deadline)).as("whether frame " + number + " arrives in time").isTrue();
        }
        assertThat(into[0].data().get(NUMBER, HEADER)).isEqualTo(number);
        into[0].release();
    }

    private NetworkPort port(int slot) {
        Eventually.await("a port in slot " + slot, () -> portReference(slot) != null, () -> rig.describe(slot));
        NetworkPort port = rig.context().getService(portReference(slot));
        Eventually.await("the link of slot " + slot, () -> port.link().up(), port::link);
        return port;
    }

    private ServiceReference<NetworkPort> portReference(int slot) {
        return rig.reference(NetworkPort.class, slot);
    }
}
