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
import javax.management.JMException;
import javax.management.ObjectName;
import org.osgi.framework.Bundle;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;

/** What the process has, and the class loaders of bundles that have been replaced: none of it may pile up. */
final class Footprint {

    private static final long HEAP_GROWTH = 1 << 20;

    /** What a process has at one moment. */
    record Holdings(long heap, long threads, long classes, List<String> files, Map<String, Long> services) {

        Holdings withMoreHeap(long bytes) {
            return new Holdings(heap + bytes, threads, classes, files, services);
        }
    }

    private final Rig rig;
    private final ReferenceQueue<ClassLoader> collected = new ReferenceQueue<>();
    private final Map<Reference<ClassLoader>, String> loaders = new HashMap<>();

    Footprint(Rig rig) {
        this.rig = rig;
    }

    /** Expects the class loader that a bundle has now to be garbage some day. */
    void follow(Bundle bundle) {
        ClassLoader loader = bundle.adapt(BundleWiring.class).getClassLoader();
        loaders.put(new PhantomReference<>(loader, collected), bundle + " " + bundle.getVersion());
    }

    /** Waits until the class loaders of all revisions that have been replaced are garbage. */
    void awaitCollected() throws InterruptedException {
        long end = System.nanoTime() + Eventually.LIMIT.toNanos();
        while (!loaders.isEmpty()) {
            System.gc();
            Reference<? extends ClassLoader> reference = collected.remove(100);
            while (reference != null) {
                loaders.remove(reference);
                reference = collected.poll();
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(
                        "class loaders are still held of " + new ArrayList<>(loaders.values()) + "; see " + heapDump());
            }
        }
    }

    /** Writes a heap dump that tells who holds them, beside the test's reports. */
    private static String heapDump() {
        Path file = Path.of("target", "held-" + System.nanoTime() + ".hprof").toAbsolutePath();
        try {
            Files.createDirectories(file.getParent());
            ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=HotSpotDiagnostic"),
                            "dumpHeap",
                            new Object[] {file.toString(), true},
                            new String[] {String.class.getName(), boolean.class.getName()});
            return file.toString();
        } catch (IOException | JMException e) {
            return "no heap dump: " + e;
        }
    }

    Holdings holdings() {
        System.gc();
        return new Holdings(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                ManagementFactory.getClassLoadingMXBean().getLoadedClassCount(),
                openFiles(),
                services());
    }

    void expectNoMoreThan(Holdings before) {
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
