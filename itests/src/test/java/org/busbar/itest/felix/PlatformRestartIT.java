package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.busbar.block.BlockDevice;
import org.busbar.emulator.Rack;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.itest.felix.driver.Hanging;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

/** The bundles beneath the drivers stop and start while drivers are bound and applications work. */
public class PlatformRestartIT extends OnRack {

    private static final int ROUNDS = 4;
    private static final Duration STOP = Duration.ofSeconds(8);

    @Test
    public void L6_coreStopsUnderIoAndBindingsComeBack() throws Exception {
        restartUnderIo(Felix.CORE);
    }

    @Test
    public void L6_pciStopsUnderIoAndBindingsComeBack() throws Exception {
        restartUnderIo(Felix.PCI);
    }

    private void restartUnderIo(String symbolicName) throws Exception {
        rig.startNvme();
        rig.insert(1, 2);
        Bundle bundle = rig.bundle(symbolicName);
        for (int round = 0; round < ROUNDS; round++) {
            BlockDevice device = rig.blockDevice(1);
            Workload.verify(device, 0, round);
            Workload blocking = Workload.on(rig.blockDevice(2));
            QueueLoad queue = QueueLoad.on(device, 16);
            stop(bundle);
            blocking.awaitGone();
            queue.awaitGone();
            expectNothingInUse();
            bundle.start();
            Workload.check(rig.blockDevice(1), 0, round);
            rig.awaitBound(2, "nvme");
        }
        assertThat(rig.iommuFaults()).isEmpty();
    }

    @Test
    public void L8_emulatorStopsUnderIoAndNewCardsAreBound() throws Exception {
        rig.startNvme();
        Bundle emulator = rig.bundle(Felix.EMULATOR);
        for (int round = 0; round < ROUNDS; round++) {
            rig.insert(1, 2);
            Workload blocking = Workload.on(rig.blockDevice(1));
            QueueLoad queue = QueueLoad.on(rig.blockDevice(2), 16);
            stop(emulator);
            blocking.awaitGone();
            queue.awaitGone();
            Eventually.await("the bus to be empty", () -> rig.bindings().isEmpty(), rig::bindings);
            expectNothingInUse();
            emulator.start();
        }
    }

    @Test
    public void L4_platformBundlesStartInAnyOrder() throws Exception {
        Bundle nvme = rig.startNvme();
        List<Bundle> all = new ArrayList<>(
                List.of(rig.bundle(Felix.CORE), rig.bundle(Felix.PCI), rig.bundle(Felix.EMULATOR), nvme));
        for (int round = 0; round < all.size(); round++) {
            assertThat(platformThreads()).as("threads of the platform's while it runs").isNotEmpty();
            for (Bundle bundle : all) {
                stop(bundle);
            }
            Eventually.await("no thread of the platform's to be left", () -> platformThreads().isEmpty(),
                    () -> platformThreads());
            Collections.reverse(all);
            for (Bundle bundle : all) {
                bundle.start();
            }
            rig.insert(1);
            Workload.verify(rig.blockDevice(1), 0, round);
            Collections.reverse(all);
            Collections.rotate(all, 1);
        }
    }

    /** Everybody else's stop must not wait longer for it than the deadlines say. */
    @Test
    public void L5_coreStopsAlthoughADriverHangs() throws Exception {
        rig.policy("quiesceDeadline", 300, "closeDeadline", 300);
        rig.start(DriverBundle.of("hanging", DriverBundle.SSD, Hanging.SpinInClose.class));
        rig.insert(1);
        rig.awaitBound(1, "hanging");
        Bundle core = rig.bundle(Felix.CORE);
        stop(core);
        Ledger.of("hanging").gate(Hanging.GATE).countDown();
        core.start();
        rig.awaitBound(1, "hanging");
    }

    private static void stop(Bundle bundle) throws Exception {
        long start = System.nanoTime();
        bundle.stop();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).as("time to stop " + bundle).isLessThan(STOP);
    }

    private void expectNothingInUse() {
        assertThat(rig.blockDevices()).as("block devices").isEmpty();
        ServiceReference<Rack> rack = rig.context().getServiceReference(Rack.class);
        if (rack != null) {
            assertThat(rig.rack().slots()).allSatisfy(slot -> assertThat(slot.inUse()).as(slot.toString()).isFalse());
        }
    }

    private static List<String> platformThreads() {
        return Thread.getAllStackTraces()
                .keySet()
                .stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("busbar") || name.startsWith("emulat"))
                .toList();
    }
}
