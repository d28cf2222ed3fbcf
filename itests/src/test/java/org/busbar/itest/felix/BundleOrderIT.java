package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.itest.felix.driver.TestDriver;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

/** Bundles and cards come and go in any order: what results depends on who is there, and nobody else is touched. */
public class BundleOrderIT extends OnRack {

    private static final DriverBundle SPECIAL = DriverBundle.of("special", DriverBundle.SSD, TestDriver.class);

    /** What a permutation is made of. */
    private enum Part {
        NVME,
        SPECIAL_DRIVER,
        CARD_1,
        CARD_2
    }

    @Test
    public void L4_anyOrderOfArrivalsAndDeparturesGivesTheSameBindings() throws Exception {
        rig.policy("driverOverride", "e000:02:00.0=nvme", "updateGrace", 0);
        Bundle nvme = rig.installNvme();
        Bundle special = rig.install(SPECIAL);
        for (List<Part> order : permutations(List.of(Part.values()))) {
            Set<Part> there = new HashSet<>();
            for (Part part : order) {
                switch (part) {
                    case NVME -> nvme.start();
                    case SPECIAL_DRIVER -> special.start();
                    case CARD_1 -> rig.rack().insert(1, Rig.ssd(1));
                    case CARD_2 -> rig.rack().insert(2, Rig.ssd(2));
                }
                there.add(part);
                expect(there, order + " up to " + part);
            }
            for (Part part : order) {
                switch (part) {
                    case NVME -> nvme.stop();
                    case SPECIAL_DRIVER -> special.stop();
                    case CARD_1 -> rig.rack().pull(1);
                    case CARD_2 -> rig.rack().pull(2);
                }
                there.remove(part);
                expect(there, order + " down to " + part);
            }
        }
    }

    /** Card 2 is for nvme alone; card 1 goes to the driver that fits best of those that are there. */
    private void expect(Set<Part> there, String when) {
        Map<Integer, String> expected = new TreeMap<>();
        String nvme = there.contains(Part.NVME) ? "nvme" : "";
        if (there.contains(Part.CARD_1)) {
            expected.put(1, there.contains(Part.SPECIAL_DRIVER) ? "special" : nvme);
        }
        if (there.contains(Part.CARD_2)) {
            expected.put(2, nvme);
        }
        Eventually.await(
                expected + " after " + when, () -> rig.bindings().equals(expected), () -> rig.bus().snapshot());
    }

    @Test
    public void L4_bundlesStartedAtTheSameTimeGiveTheSameBindings() throws Exception {
        rig.policy("driverOverride", "e000:02:00.0=nvme", "updateGrace", 0);
        Bundle nvme = rig.installNvme();
        Bundle special = rig.install(SPECIAL);
        try (ExecutorService threads = Executors.newFixedThreadPool(Part.values().length)) {
            for (int round = 0; round < 10; round++) {
                allAtOnce(
                        threads,
                        nvme::start,
                        special::start,
                        () -> rig.rack().insert(1, Rig.ssd(1)),
                        () -> rig.rack().insert(2, Rig.ssd(2)));
                expect(Set.of(Part.values()), "round " + round);
                allAtOnce(
                        threads, nvme::stop, special::stop, () -> rig.rack().pull(1), () -> rig.rack().pull(2));
                expect(Set.of(), "round " + round);
            }
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void allAtOnce(ExecutorService threads, Step... steps) throws Exception {
        List<Future<?>> futures = new ArrayList<>();
        for (Step step : steps) {
            Callable<?> callable = () -> {
                step.run();
                return null;
            };
            futures.add(threads.submit(callable));
        }
        for (Future<?> future : futures) {
            future.get(Eventually.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    @Test
    public void L3_lifeOfOneDriverBundleTouchesNobodyElse() throws Exception {
        rig.policy("driverOverride", "e000:01:00.0=special", "updateGrace", 0);
        rig.startNvme();
        rig.insert(1, 2);
        ServiceReference<BlockDevice> neighbour = reference(2);
        try (Workload workload = Workload.on(rig.blockDevice(2))) {
            Bundle special = rig.install(SPECIAL);
            Ledger ledger = Ledger.of("special");
            special.start();
            rig.awaitBound(1, "special");
            special.stop();
            rig.awaitState(1, "UNBOUND");
            special.start();
            rig.awaitBound(1, "special");
            special.update(SPECIAL.version("2.0.0").open());
            rig.awaitBound(1, "special");
            assertThat(rig.refresh(special)).as("bundles refreshed along with a driver").isEmpty();
            rig.awaitBound(1, "special");
            special.uninstall();
            assertThat(rig.refresh(special)).as("bundles refreshed along with a driver").isEmpty();
            rig.awaitState(1, "UNBOUND");

            assertThat(ledger.entries())
                    .as("one probe and one orderly end per life")
                    .containsExactly(
                            "probe e000:01:00.0 v1.0.0", "quiesce e000:01:00.0 v1.0.0",
                            "close DRIVER_LEFT e000:01:00.0 v1.0.0",
                            "probe e000:01:00.0 v1.0.0", "quiesce e000:01:00.0 v1.0.0",
                            "close DRIVER_LEFT e000:01:00.0 v1.0.0",
                            "probe e000:01:00.0 v2.0.0", "quiesce e000:01:00.0 v2.0.0",
                            "close DRIVER_LEFT e000:01:00.0 v2.0.0",
                            "probe e000:01:00.0 v2.0.0", "quiesce e000:01:00.0 v2.0.0",
                            "close DRIVER_LEFT e000:01:00.0 v2.0.0");
            workload.awaitProgress();
        }
        assertThat(rig.probes(2)).as("probes of the neighbour").isEqualTo(1);
        assertThat(reference(2)).as("the neighbour's service").isEqualTo(neighbour);
    }

    @Test
    public void L2_boundDevicesAreNeverProbedAgainHoweverOftenAndFromHoweverManyThreadsAsked() throws Exception {
        rig.startNvme();
        rig.insert(1, 2, 3);
        rig.awaitBound(1, "nvme");
        rig.awaitBound(2, "nvme");
        rig.awaitBound(3, "nvme");
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            Step ask = () -> {
                for (int i = 0; i < 20; i++) {
                    rig.bus().rescan(Rig.soon());
                    rig.bus().attach(Rig.address(1 + i % 3), Rig.soon());
                    rig.bus().bind(Rig.address(1 + i % 3), "nvme", Rig.soon());
                }
            };
            allAtOnce(threads, ask, ask, ask, ask, ask, ask, ask, ask);
        }
        assertThat(List.of(rig.probes(1), rig.probes(2), rig.probes(3))).containsExactly(1L, 1L, 1L);
    }

    @Test
    public void L3_lateDriverProbesOnlyItsOwn() throws Exception {
        rig.insert(1, 2);
        DriverBundle stranger = DriverBundle.of("stranger", "8086:ffff", TestDriver.class);
        rig.start(stranger);
        rig.settle();
        assertThat(Ledger.of("stranger").entries()).isEmpty();
        assertThat(rig.probes(1) + rig.probes(2)).isZero();
        rig.startNvme();
        rig.awaitBound(1, "nvme");
        rig.awaitBound(2, "nvme");
        rig.start(DriverBundle.of("late", DriverBundle.NIC, TestDriver.class));
        rig.settle();
        assertThat(Ledger.of("late").entries()).isEmpty();
        assertThat(List.of(rig.probes(1), rig.probes(2))).containsExactly(1L, 1L);
    }

    private ServiceReference<BlockDevice> reference(int slot) {
        rig.blockDevice(slot);
        return rig.blockReferences(slot).get(0);
    }

    private static <T> List<List<T>> permutations(List<T> parts) {
        if (parts.isEmpty()) {
            return List.of(List.of());
        }
        List<List<T>> all = new ArrayList<>();
        for (T first : parts) {
            List<T> rest = new ArrayList<>(parts);
            rest.remove(first);
            for (List<T> tail : permutations(rest)) {
                List<T> whole = new ArrayList<>(List.of(first));
                whole.addAll(tail);
                all.add(whole);
            }
        }
        return all;
    }
}
