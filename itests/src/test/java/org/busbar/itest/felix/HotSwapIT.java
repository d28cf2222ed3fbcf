package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.busbar.block.BlockDevice;
import org.busbar.device.DeviceEvent;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.itest.felix.driver.Leaking;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;

/** Drivers that are replaced again and again while the process lives: nothing piles up. */
public class HotSwapIT extends OnRack {

    private static final int SWAPS = 100;
    private static final int WARM_UP = 20;
    private static final long HEAP_GROWTH = 1 << 20;

    /** What a process has at one moment. */
    private record Holdings(long heap, long threads, long classes, List<String> files, Map<String, Long> services) {}

    private final ReferenceQueue<ClassLoader> collected = new ReferenceQueue<>();
    private final Map<Reference<ClassLoader>, String> loaders = new HashMap<>();

    @Test
    public void L6_hundredHotSwapsLeaveNothingBehind() throws Exception {
        Bundle nvme = rig.startNvme();
        rig.insert(1);
        Workload.verify(rig.blockDevice(1), 0, 0);
        Holdings before = null;
        for (int swap = 1; swap <= SWAPS; swap++) {
            follow(nvme);
            nvme.update(BundleJar.copyOf(Felix.jar("nvme-driver-bundle")).version("0.2." + swap).open());
            rig.refresh(nvme);
            BlockDevice device = rig.blockDevice(1);
            Workload.check(device, 0, swap - 1);
            QueueLoad.on(device, 8).close();
            Workload.verify(device, 0, swap);
            if (swap == WARM_UP) {
                awaitCollected();
                before = holdings();
            }
        }
        awaitCollected();
        expectNoMoreThan(before);
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
        Holdings before = null;
        for (int swap = 1; swap <= 2 * WARM_UP; swap++) {
            follow(bundle);
            String version = "2.0." + swap;
            bundle.update(leaking.version(version).open());
            rig.refresh(bundle);
            Eventually.await(
                    "version " + version + " to be bound",
                    () -> Ledger.of("leaking").count("probe e000:01:00.0 v" + version) > 0
                            && rig.driver(1).equals("leaking"));
            if (swap == WARM_UP) {
                awaitCollected();
                before = holdings();
            }
        }
        awaitCollected();
        expectNoMoreThan(before);
    }

    private void follow(Bundle bundle) {
        ClassLoader loader = bundle.adapt(BundleWiring.class).getClassLoader();
        loaders.put(new PhantomReference<>(loader, collected), bundle + " " + bundle.getVersion());
    }

    /** Waits until the class loaders of all revisions that have been replaced are garbage. */
    private void awaitCollected() throws InterruptedException {
        long end = System.nanoTime() + Eventually.LIMIT.toNanos();
        while (!loaders.isEmpty()) {
            System.gc();
            Reference<? extends ClassLoader> reference = collected.remove(100);
            while (reference != null) {
                loaders.remove(reference);
                reference = collected.poll();
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("class loaders are still held of " + new ArrayList<>(loaders.values()));
            }
        }
    }

    private Holdings holdings() {
        System.gc();
        return new Holdings(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                ManagementFactory.getClassLoadingMXBean().getLoadedClassCount(),
                openFiles(),
                services());
    }

    private void expectNoMoreThan(Holdings before) {
        Eventually.await("no more threads than " + before.threads, () -> holdings().threads <= before.threads,
                () -> Thread.getAllStackTraces().keySet());
        Eventually.await("no more heap than " + before.heap, () -> holdings().heap <= before.heap + HEAP_GROWTH,
                () -> holdings().heap);
        Holdings after = holdings();
        assertThat(after.files).as("open files").hasSizeLessThanOrEqualTo(before.files.size());
        assertThat(after.services).as("services by type").isEqualTo(before.services);
        assertThat(after.classes).as("loaded classes").isLessThanOrEqualTo(before.classes + 50);
    }

    private static List<String> openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            List<String> targets = new ArrayList<>();
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file)) {
                    targets.add(Files.readSymbolicLink(file).toString());
                }
            }
            return targets;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, Long> services() {
        try {
            ServiceReference<?>[] all = rig.context().getAllServiceReferences(null, null);
            return Arrays.stream(all)
                    .collect(Collectors.groupingBy(
                            r -> Arrays.toString((Object[]) r.getProperty("objectClass")),
                            TreeMap::new,
                            Collectors.counting()));
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
