package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.emulator.Card;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PacketPools;
import org.busbar.net.PortQueueOptions;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

/** Storage and network in one process: two driver bundles that never hear of each other, in both orders. */
public class SubsystemsIT extends OnRack {

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
        FrameExchange exchange = FrameExchange.between(Ports.up(rig, 3), Ports.up(rig, 4), options);
        exchange.round();
        Packet held = exchange.firstQueue().allocate();
        nic.stop();
        assertThat(pool.available()).as("packets of queues that are still open").isLessThan(pool.size() - 1);
        exchange.finish();
        assertThat(pool.available()).isEqualTo(pool.size() - 1);
        held.data().fill((byte) 1);
        held.release();
        pool.close();
        assertThat(rig.iommuFaults()).isEmpty();
    }

    /** Sends frames from one card to the other and back. */
    private void exchange() throws Exception {
        FrameExchange.on(Ports.up(rig, 3), Ports.up(rig, 4)).close();
    }

    private ServiceReference<NetworkPort> portReference(int slot) {
        return Ports.reference(rig, slot);
    }
}
