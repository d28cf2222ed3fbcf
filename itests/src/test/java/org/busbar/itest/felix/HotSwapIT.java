package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.block.BlockDevice;
import org.busbar.device.DeviceEvent;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.itest.felix.driver.Leaking;
import org.junit.Test;
import org.osgi.framework.Bundle;

/** Drivers that are replaced again and again while the process lives: nothing piles up. */
public class HotSwapIT extends OnRack {

    private static final int SWAPS = 100;
    private static final int WARM_UP = 20;

    @Test
    public void L6_hundredHotSwapsLeaveNothingBehind() throws Exception {
        Bundle nvme = rig.startNvme();
        rig.insert(1);
        Workload.verify(rig.blockDevice(1), 0, 0);
        Footprint footprint = new Footprint(rig);
        Footprint.Holdings before = null;
        for (int swap = 1; swap <= SWAPS; swap++) {
            footprint.follow(nvme);
            nvme.update(BundleJar.copyOf(Felix.jar("nvme-driver-bundle")).version("0.2." + swap).open());
            rig.refresh(nvme);
            BlockDevice device = rig.blockDevice(1);
            Workload.check(device, 0, swap - 1);
            QueueLoad.on(device, 8).close();
            Workload.verify(device, 0, swap);
            if (swap == WARM_UP) {
                footprint.awaitCollected();
                before = footprint.holdings();
            }
        }
        footprint.awaitCollected();
        footprint.expectNoMoreThan(before);
        assertThat(rig.events(DeviceEvent.Kind.LEAK, 1)).as("leaks reported").isZero();
        assertThat(rig.events(DeviceEvent.Kind.PROBE_FAILED, 1)).as("probes failed").isZero();
    }

    /** The driver gives nothing back by itself, so the core has to. */
    @Test
    public void L6_hotSwapsOfADriverThatLeaksLeaveNothingBehind() throws Exception {
        DriverBundle leaking = DriverBundle.of("leaking", DriverBundle.SSD, Leaking.class);
        Bundle bundle = rig.start(leaking);
        rig.insert(1);
        rig.awaitBound(1, "leaking");
        Footprint footprint = new Footprint(rig);
        Footprint.Holdings before = null;
        for (int swap = 1; swap <= 2 * WARM_UP; swap++) {
            footprint.follow(bundle);
            String version = "2.0." + swap;
            bundle.update(leaking.version(version).open());
            rig.refresh(bundle);
            Eventually.await(
                    "version " + version + " to be bound",
                    () -> Ledger.of("leaking").count("probe e000:01:00.0 v" + version) > 0
                            && rig.driver(1).equals("leaking"));
            if (swap == WARM_UP) {
                footprint.awaitCollected();
                before = footprint.holdings();
            }
        }
        footprint.awaitCollected();
        footprint.expectNoMoreThan(before);
    }
}
