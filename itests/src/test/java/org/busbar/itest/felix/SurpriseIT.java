package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;
import org.busbar.emulator.Fault;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.itest.felix.driver.Gated;
import org.busbar.itest.felix.driver.Hanging;
import org.junit.Test;
import org.osgi.framework.Bundle;

/** Cards that are yanked, at the worst moments. */
public class SurpriseIT extends OnRack {

    private static final int ROUNDS = 15;

    @Test
    public void L8_pullDuringIoEndsEveryRequestExactlyOnce() throws Exception {
        rig.startNvme();
        rig.insert(2);
        try (Workload neighbour = Workload.on(rig.blockDevice(2))) {
            for (int round = 0; round < ROUNDS; round++) {
                rig.insert(1);
                BlockDevice device = rig.blockDevice(1);
                QueueLoad queue = QueueLoad.on(device, 32);
                Workload blocking = Workload.on(device);
                rig.rack().pull(1);
                queue.awaitGone();
                blocking.awaitGone();
                expectGone(1);
            }
            neighbour.awaitProgress();
        }
        assertThat(rig.probes(2)).as("probes of the neighbour").isEqualTo(1);
        assertThat(rig.iommuFaults()).isEmpty();
    }

    @Test
    public void L8_requestsThatTheCardNeverCompletesEndWhenItIsPulled() throws Exception {
        rig.startNvme();
        rig.insert(1);
        BlockDevice device = rig.blockDevice(1);
        QueueLoad queue = QueueLoad.on(device, 32);
        Workload blocking = Workload.on(device);
        rig.rack().fault(1, new Fault.LostCompletion(1));
        rig.rack().pull(1);
        queue.awaitGone();
        blocking.awaitGone();
        expectGone(1);
    }

    @Test
    public void L8_swapInPlaceDuringIoGivesTheNewCardToTheDriver() throws Exception {
        rig.startNvme();
        rig.insert(1);
        for (int round = 0; round < ROUNDS; round++) {
            BlockDevice old = rig.blockDevice(1);
            long generation = rig.device(1).orElseThrow().generation;
            Workload.verify(old, 0, round);
            QueueLoad queue = QueueLoad.on(old, 32);
            rig.rack().swap(1, Rig.ssd(1));
            queue.awaitGone();
            Eventually.await(
                    "the new card to be driven",
                    () -> rig.driver(1).equals("nvme") && rig.device(1).orElseThrow().generation > generation,
                    () -> rig.describe(1));
            Workload.verify(rig.blockDevice(1), 8, round);
        }
    }

    @Test
    public void L8_pullDuringProbeRevokesAtOnceAndTheNextCardBinds() throws Exception {
        rig.policy("probeDeadline", 60_000);
        rig.start(DriverBundle.of("gated", DriverBundle.SSD, Gated.class));
        Ledger ledger = Ledger.of("gated");
        rig.rack().insert(1, Rig.ssd(1));
        Eventually.await("the probe to be under way", () -> ledger.count("probe") == 1);
        rig.rack().pull(1);
        Eventually.await("the probe to be told", () -> ledger.count("revoked") == 1);
        expectGone(1);
        rig.rack().insert(1, Rig.ssd(1));
        rig.awaitBound(1, "gated");
        assertThat(ledger.count("probe")).isEqualTo(2);
    }

    /** The driver would take its 60 s to come to rest; the card does not wait. */
    @Test
    public void L8_pullOvertakesAnOrderlyRemoval() throws Exception {
        rig.policy("quiesceDeadline", 60_000);
        rig.start(DriverBundle.of("hanging", DriverBundle.SSD, Hanging.InQuiesce.class));
        rig.insert(1);
        rig.awaitBound(1, "hanging");
        Ledger ledger = Ledger.of("hanging");
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<?> eject = threads.submit(() -> {
                rig.rack().eject(1, Deadline.after(Duration.ofSeconds(60)));
                return null;
            });
            Eventually.await("the orderly removal to be under way", () -> ledger.count("quiesce") == 1);
            rig.rack().pull(1);
            expectGone(1);
            eject.get(Eventually.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        }
        assertThat(ledger.entries()).contains("close SURPRISE e000:01:00.0 v1.0.0");
    }

    @Test
    public void L8_pullOvertakesABundleThatStops() throws Exception {
        rig.policy("quiesceDeadline", 60_000);
        Bundle bundle = rig.start(DriverBundle.of("hanging", DriverBundle.SSD, Hanging.InQuiesce.class));
        rig.insert(1);
        rig.awaitBound(1, "hanging");
        Ledger ledger = Ledger.of("hanging");
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<?> stop = threads.submit(() -> {
                bundle.stop();
                return null;
            });
            Eventually.await("the orderly removal to be under way", () -> ledger.count("quiesce") == 1);
            rig.rack().pull(1);
            stop.get(Eventually.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        }
        expectGone(1);
    }

    @Test
    public void L8_ejectDuringIoIsOrderly() throws Exception {
        rig.startNvme();
        for (int round = 0; round < ROUNDS; round++) {
            rig.insert(1);
            QueueLoad queue = QueueLoad.on(rig.blockDevice(1), 16);
            rig.rack().eject(1, Rig.soon());
            queue.awaitGone();
            expectGone(1);
        }
        assertThat(rig.iommuFaults()).isEmpty();
    }

    @Test
    public void L8_pullsAndInsertionsInQuickSuccessionEndWithTheLastCardDriven() throws Exception {
        rig.startNvme();
        rig.insert(1);
        for (int round = 0; round < 50; round++) {
            rig.rack().pull(1);
            rig.rack().insert(1, Rig.ssd(1));
        }
        rig.bus().rescan(Rig.soon());
        rig.awaitBound(1, "nvme");
        Workload.verify(rig.blockDevice(1), 0, 1);
        assertThat(rig.blockReferences(1)).hasSize(1);
    }

    private void expectGone(int slot) {
        Eventually.await(
                "nothing of slot " + slot + " to be left",
                () -> rig.device(slot).isEmpty() && rig.blockReferences(slot).isEmpty(),
                () -> rig.describe(slot));
    }
}
