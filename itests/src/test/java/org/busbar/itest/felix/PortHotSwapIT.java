package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.device.DeviceEvent;
import org.busbar.emulator.Card;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PacketPool;
import org.busbar.net.PacketPools;
import org.junit.Test;
import org.osgi.framework.Bundle;

/** Network drivers that are replaced again and again under full traffic, in packets that both share. */
public class PortHotSwapIT extends OnRack {

    private static final int SWAPS = 10;
    private static final int INTEL = 3;
    private static final int VIRTIO = 5;
    private static final int PACKETS = 2048;

    @Test
    public void L6_driversAreUpdatedUnderTrafficAndEveryPacketComesBack() throws Exception {
        insert(INTEL, new Card.Nic(MacAddress.parse("52:54:00:00:00:03")));
        insert(VIRTIO, new Card.VirtioNet(MacAddress.parse("52:54:00:00:00:05")));
        String[] modules = {"nic-driver-bundle", "virtio-net-driver-bundle"};
        Bundle[] bundles = {start(modules[0]), start(modules[1])};
        PacketPool pool = rig.service(PacketPools.class).create(PACKETS, 2048);
        for (int swap = 0; swap < 2 * SWAPS; swap++) {
            Bundle bundle = bundles[swap % 2];
            PooledTraffic traffic = PooledTraffic.on(port(INTEL), port(VIRTIO), pool);
            bundle.update(BundleJar.copyOf(Felix.jar(modules[swap % 2])).version("0.3." + swap).open());
            rig.refresh(bundle);
            traffic.awaitGone();
            traffic.abandon();
            assertThat(pool.available()).as("packets after swap %d", swap).isEqualTo(PACKETS);
        }
        PooledTraffic.on(port(INTEL), port(VIRTIO), pool).close();
        pool.close();
        assertThat(rig.iommuFaults()).isEmpty();
        for (int slot : new int[] {INTEL, VIRTIO}) {
            assertThat(rig.events(DeviceEvent.Kind.LEAK, slot)).as("leaks reported").isZero();
            assertThat(rig.events(DeviceEvent.Kind.PROBE_FAILED, slot)).as("probes failed").isZero();
        }
    }

    private void insert(int slot, Card card) {
        rig.rack().insert(slot, card);
        rig.awaitPresent(slot);
    }

    private Bundle start(String module) throws Exception {
        Bundle bundle = rig.installModule(module);
        bundle.start();
        return bundle;
    }

    private NetworkPort port(int slot) {
        return Ports.up(rig, slot);
    }
}
