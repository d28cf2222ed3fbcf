package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.busbar.device.DeviceEvent;
import org.busbar.emulator.Rack;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.itest.felix.driver.Hanging;
import org.busbar.itest.felix.driver.Leaking;
import org.busbar.itest.felix.driver.Lying;
import org.busbar.itest.felix.driver.Meddling;
import org.busbar.itest.felix.driver.TestDriver;
import org.busbar.itest.felix.driver.Throwing;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/**
 * Evil drivers, each with a card of its own in slot 1. Beside it, in slot 2, a good driver goes on with verified I/O all
 * the time, is never probed again, and takes over the card in slot 1 when the evil one is gone.
 */
public class EvilDriverIT extends OnRack {

    private static final String EVIL = "evil";
    private static final int DEADLINE_MILLIS = 400;

    /** All deadlines of a removal together, the core's own patience with what is interrupted, and a busy machine. */
    private static final Duration REMOVAL = Duration.ofSeconds(12);

    private Workload neighbour;

    @Before
    public void startNeighbour() throws Exception {
        policy();
        rig.startNvme();
        rig.insert(1, 2);
        neighbour = Workload.on(rig.blockDevice(2));
    }

    /** Sets keys and values beside the overrides by which each driver has its card. */
    private void policy(Object... keysAndValues) throws Exception {
        List<Object> all = new ArrayList<>(
                List.of(
                        "driverOverride", new String[] {"e000:01:00.0=" + EVIL, "e000:02:00.0=nvme"},
                        "retryDelay", 10,
                        "maxAttempts", 2,
                        "updateGrace", 0));
        all.addAll(List.of(keysAndValues));
        rig.policy(all.toArray());
    }

    @After
    public void stopNeighbour() throws Exception {
        neighbour.close();
    }

    private Bundle start(Class<? extends TestDriver> driver) throws Exception {
        return rig.start(DriverBundle.of(EVIL, DriverBundle.SSD, driver));
    }

    /** The neighbour is as it was, and when the evil bundle has gone, its card is as good as new. */
    private void expectNoHarm(Bundle evil) throws Exception {
        neighbour.awaitProgress();
        assertThat(rig.probes(2)).as("probes of the neighbour").isEqualTo(1);
        long start = System.nanoTime();
        evil.uninstall();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).as("time to uninstall").isLessThan(REMOVAL);
        neighbour.awaitProgress();
        Ledger.of(EVIL).gate(Hanging.GATE).countDown();
        rig.policy("driverOverride", "e000:02:00.0=nvme");
        rig.awaitBound(1, "nvme");
        Workload.verify(rig.blockDevice(1), 0, 42);
        assertThat(rig.iommuFaults()).isEmpty();
    }

    private void expectQuarantined(Class<? extends TestDriver> driver, String why) throws Exception {
        expectQuarantined(driver, 2, why);
    }

    private void expectQuarantined(Class<? extends TestDriver> driver, int attempts, String why) throws Exception {
        Bundle evil = start(driver);
        rig.awaitState(1, "QUARANTINED");
        assertThat(rig.device(1).orElseThrow().reason).contains(why);
        assertThat(Ledger.of(EVIL).count("probe")).as("attempts").isEqualTo(attempts);
        assertThat(slot(1).inUse()).as("whether somebody has the card open").isFalse();
        expectNoHarm(evil);
    }

    private Rack.Slot slot(int number) {
        return rig.rack().slots().get(number - 1);
    }

    @Test
    public void L5_probeThatFails() throws Exception {
        expectQuarantined(Throwing.Failure.class, "the wrong colour");
    }

    @Test
    public void L5_probeThatThrowsWhatItDoesNotDeclare() throws Exception {
        expectQuarantined(Throwing.Undeclared.class, "nobody declared me");
    }

    @Test
    public void L5_probeThatThrowsARuntimeException() throws Exception {
        expectQuarantined(Throwing.Mistake.class, "ArrayIndexOutOfBounds");
    }

    @Test
    public void L5_probeThatThrowsAnExceptionWithoutAMessageToBeHad() throws Exception {
        expectQuarantined(Throwing.Mumble.class, "Unspeakable");
    }

    @Test
    public void L5_probeThatOverflowsItsStack() throws Exception {
        expectQuarantined(Throwing.Overflow.class, "StackOverflowError");
    }

    @Test
    public void L5_probeOfABundleThatForgotAnImport() throws Exception {
        expectQuarantined(Throwing.MissingImport.class, "NoClassDefFoundError");
    }

    @Test
    public void L5_probeThatReturnsNull() throws Exception {
        expectQuarantined(Throwing.Nothing.class, "null");
    }

    @Test
    public void L5_probeThatHangs() throws Exception {
        policy("probeDeadline", DEADLINE_MILLIS);
        expectQuarantined(Hanging.InProbe.class, 1, "missed its deadline");
    }

    @Test
    public void L5_bindingThatThrowsInQuiesceAndClose() throws Exception {
        Bundle evil = start(Throwing.SoreLoser.class);
        rig.awaitBound(1, EVIL);
        expectNoHarm(evil);
    }

    @Test
    public void L5_probeThatSpinsAndHeedsNothing() throws Exception {
        policy("probeDeadline", DEADLINE_MILLIS);
        Bundle evil = start(Hanging.SpinInProbe.class);
        Eventually.await("a report of the stuck probe", () -> rig.events(DeviceEvent.Kind.STUCK, 1) > 0,
                () -> rig.describe(1));
        expectNoHarm(evil);
    }

    /** More of them than there are processors: whatever runs drivers must not run out of threads. */
    @Test
    public void L5_manyProbesThatSpinLeaveRoomForOthers() throws Exception {
        // Slot 1 too: the evil driver fits better than the one that has it now.
        List<String> overrides =
                new ArrayList<>(List.of("e000:01:00.0=nvme", "e000:02:00.0=nvme", "e000:08:00.0=nvme"));
        for (int slot = 3; slot <= 7; slot++) {
            overrides.add("e000:0" + slot + ":00.0=" + EVIL);
        }
        rig.policy("driverOverride", overrides.toArray(String[]::new), "probeDeadline", 20_000, "updateGrace", 0);
        Bundle evil = start(Hanging.SpinInProbe.class);
        rig.insert(3, 4, 5, 6, 7);
        Eventually.await(
                "all to spin",
                () -> Ledger.of(EVIL).count("probe") == 5,
                () -> Ledger.of(EVIL).entries() + "\n" + rig.describeAll());
        rig.insert(8);
        rig.awaitBound(8, "nvme");
        Workload.verify(rig.blockDevice(8), 0, 8);
        neighbour.awaitProgress();
        Ledger.of(EVIL).gate(Hanging.GATE).countDown();
        for (int slot = 3; slot <= 7; slot++) {
            rig.awaitBound(slot, EVIL);
        }
        evil.uninstall();
    }

    @Test
    public void L5_bindingThatHangsInQuiesce() throws Exception {
        policy("quiesceDeadline", DEADLINE_MILLIS, "closeDeadline", DEADLINE_MILLIS);
        Bundle evil = start(Hanging.InQuiesce.class);
        rig.awaitBound(1, EVIL);
        expectNoHarm(evil);
        assertThat(Ledger.of(EVIL).count("close DRIVER_LEFT")).as("closed although it did not come to rest")
                .isEqualTo(1);
    }

    @Test
    public void L5_bindingThatSpinsInClose() throws Exception {
        policy("quiesceDeadline", DEADLINE_MILLIS, "closeDeadline", DEADLINE_MILLIS);
        Bundle evil = start(Hanging.SpinInClose.class);
        rig.awaitBound(1, EVIL);
        expectNoHarm(evil);
        assertThat(rig.events(DeviceEvent.Kind.STUCK, 1)).as("reports of the stuck close").isPositive();
    }

    @Test
    public void L6_driverThatLeaksEverything() throws Exception {
        Bundle evil = start(Leaking.class);
        rig.awaitBound(1, EVIL);
        assertThat(rig.context().getServiceReferences(Supplier.class, "(leaked=true)")).hasSize(1);
        evil.stop();
        Ledger ledger = Ledger.of(EVIL);
        assertThat(rig.context().getServiceReferences(Supplier.class, "(leaked=true)")).isEmpty();
        assertThat(ledger.count("thread ended")).as("threads that have ended").isEqualTo(2);
        assertThat(ledger.entries().stream().filter(entry -> entry.startsWith("closed")))
                .as("resources in reverse order of acquisition, in spite of the one that does not close")
                .containsExactly("closed last e000:01:00.0 v1.0.0", "closed first e000:01:00.0 v1.0.0");
        assertThat(slot(1).inUse()).as("whether somebody has the card open").isFalse();
        expectNoHarm(evil);
    }

    @Test
    public void L6_driverThatUsesWhatItHadAfterItsEnd() throws Exception {
        Bundle evil = start(Lying.class);
        rig.awaitBound(1, EVIL);
        rig.bus().unbind(Rig.address(1), Rig.soon());
        Ledger ledger = Ledger.of(EVIL);
        ledger.gate(Lying.ENDED).countDown();
        Eventually.await("the liar to have tried everything", () -> ledger.count("lied") == 1, ledger::entries);
        for (String what : List.of("read", "write", "bar", "config", "dma", "interrupts", "publish")) {
            assertThat(ledger.entries()).contains(what + ": DeviceGoneException");
        }
        assertThat(ledger.entries()).doesNotContain("execute: done", "memory: done");
        assertThat(ledger.count("late task")).isZero();
        assertThat(ledger.count("late closed")).as("a resource that comes too late is closed at once").isEqualTo(1);
        assertThat(rig.context().getServiceReferences(Supplier.class, "(lie=true)")).isEmpty();
        assertThat(slot(1).inUse()).as("whether somebody has the card open").isFalse();
        rig.bus().attach(Rig.address(1), Rig.soon());
        expectNoHarm(evil);
    }

    @Test
    public void L5_driverThatGivesTheBusOrdersFromItsProbe() throws Exception {
        Bundle evil = start(Meddling.WithBus.class);
        Ledger ledger = Ledger.of(EVIL);
        Eventually.await("the meddler to be through", () -> ledger.count("meddled") > 0, ledger::entries);
        assertThat(ledger.entries()).contains("snapshot: done");
        rig.bus().attach(Rig.address(1), Rig.soon());
        rig.awaitBound(1, EVIL);
        expectNoHarm(evil);
    }

    @Test
    public void L5_driverThatUninstallsItselfInItsProbe() throws Exception {
        Bundle evil = start(Meddling.Suicidal.class);
        Eventually.await("the bundle to be gone", () -> evil.getState() == Bundle.UNINSTALLED);
        Eventually.await("the driver to be gone", () -> rig.bus().snapshot().drivers.size() == 1);
        rig.settle();
        neighbour.awaitProgress();
        rig.policy("driverOverride", "e000:02:00.0=nvme");
        rig.awaitBound(1, "nvme");
        Workload.verify(rig.blockDevice(1), 0, 42);
    }

    /** Never resolves, so none of its code runs, and nobody else notices. */
    @Test
    public void L5_bundleWhoseImportsAreMissing() throws Exception {
        Bundle evil = rig.install(
                "unresolvable", BundleJar.named("unresolvable").imports("no.such.api").open());
        try {
            evil.start();
            throw new AssertionError("it started");
        } catch (BundleException expected) {
            assertThat(expected).hasMessageContaining("no.such.api");
        }
        neighbour.awaitProgress();
        assertThat(rig.probes(2)).isEqualTo(1);
    }
}
