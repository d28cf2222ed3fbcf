package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.busbar.block.BlockDevice;
import org.busbar.device.DeviceEvent;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;

/** The NVMe bundle is updated under load, and its controllers do not notice, or are reset as configuration has it. */
public class HandoverIT extends OnRack {

    private static final int UPDATES = Integer.getInteger("busbar.handover.updates", 15);

    @Test
    public void controllersAreNotResetWhenTheirDriverIsUpdated() throws Exception {
        rig.policy("updateGrace", 30_000);
        long resets = updateUnderLoad();
        assertThat(resets).as("resets in " + UPDATES + " updates").isZero();
        assertThat(rig.events().stream().filter(e -> e.text().contains("goes on where its predecessor stopped")))
                .as("adoptions")
                .hasSizeGreaterThanOrEqualTo(UPDATES);
    }

    @Test
    public void controllersAreResetIfHandoverIsOff() throws Exception {
        rig.policy("handover", false);
        long resets = updateUnderLoad();
        assertThat(resets).as("resets in " + UPDATES + " updates").isGreaterThanOrEqualTo(UPDATES);
    }

    /** Returns how many resets the updates have cost. */
    private long updateUnderLoad() throws Exception {
        Bundle nvme = rig.startNvme();
        rig.insert(1, 2);
        BlockDevice device = rig.blockDevice(1);
        Workload.verify(device, 0, 0);
        Workload.verify(rig.blockDevice(2), 0, 0);
        long before = rig.rack().ssd(1).resets() + rig.rack().ssd(2).resets();
        Pauses pauses = new Pauses();
        rig.context()
                .addServiceListener(pauses, "(&(objectClass=" + BlockDevice.class.getName() + ")(busbar.device="
                        + Rig.address(1) + "))");
        try {
            for (int update = 1; update <= UPDATES; update++) {
                try (QueueLoad load = QueueLoad.on(rig.blockDevice(1), 8)) {
                    nvme.update(BundleJar.copyOf(Felix.jar("nvme-driver-bundle")).version("0.3." + update).open());
                    load.awaitGone();
                } catch (AssertionError ended) {
                    requireGone(ended);
                }
                Workload.check(rig.blockDevice(1), 0, update - 1);
                Workload.verify(rig.blockDevice(1), 0, update);
                Workload.check(rig.blockDevice(2), 0, 0);
            }
        } finally {
            rig.context().removeServiceListener(pauses);
        }
        long after = rig.rack().ssd(1).resets() + rig.rack().ssd(2).resets();
        rig.settle();
        assertThat(rig.iommuFaults()).isEmpty();
        assertThat(rig.events(DeviceEvent.Kind.LEAK, 1)).as("leaks reported").isZero();
        assertThat(rig.events(DeviceEvent.Kind.PROBE_FAILED, 1)).as("probes failed").isZero();
        System.out.println("handover of " + UPDATES + ": pauses of a block device: " + pauses.summary()
                + "; without a driver: " + Gaps.of(rig, 1));
        return after - before;
    }

    /** A load whose device goes does not end well, which is as it should be: all of its requests have ended, though. */
    private static void requireGone(AssertionError ended) {
        if (!(ended.getCause() instanceof org.busbar.device.DeviceGoneException)) {
            throw ended;
        }
    }

    /** Stopped and not started again: nobody is waited for longer than the grace, and the next driver starts afresh. */
    @Test
    public void L6_driverThatOnlyStopsLeavesAControllerThatIsReset() throws Exception {
        rig.policy("updateGrace", 300);
        Bundle nvme = rig.startNvme();
        rig.insert(1);
        Workload.verify(rig.blockDevice(1), 0, 1);
        long before = rig.rack().ssd(1).resets();
        nvme.stop();
        rig.awaitState(1, "UNBOUND");
        assertThat(rig.rack().ssd(1).resets()).isGreaterThan(before);
        nvme.start();
        Workload.check(rig.blockDevice(1), 0, 1);
        assertThat(rig.iommuFaults()).isEmpty();
    }

    @Test
    public void L8_cardThatIsPulledWhileItIsKeptIsGone() throws Exception {
        rig.policy("updateGrace", 60_000);
        Bundle nvme = rig.startNvme();
        rig.insert(1);
        Workload.verify(rig.blockDevice(1), 0, 1);
        nvme.stop();
        rig.awaitState(1, "KEPT");
        rig.rack().pull(1);
        rig.awaitState(1, "ABSENT");
        rig.insert(1);
        nvme.start();
        Workload.verify(rig.blockDevice(1), 0, 2);
        assertThat(rig.iommuFaults()).isEmpty();
    }

    /** From a block device's going to the coming of the next. */
    private static final class Pauses implements ServiceListener {

        private final ConcurrentLinkedQueue<Long> micros = new ConcurrentLinkedQueue<>();
        private volatile long gone;

        @Override
        public void serviceChanged(ServiceEvent event) {
            if (event.getType() == ServiceEvent.UNREGISTERING) {
                gone = System.nanoTime();
            } else if (event.getType() == ServiceEvent.REGISTERED && gone != 0) {
                micros.add((System.nanoTime() - gone) / 1_000);
            }
        }

        String summary() {
            return Gaps.summary(micros);
        }
    }
}
