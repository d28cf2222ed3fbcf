package org.busbar.bench.scan;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.busbar.pci.PciAddress;
import org.busbar.pci.internal.bus.MeasuredBus;
import org.busbar.pci.internal.linux.MeasuredHost;

/**
 * Busbar's side: {@code [-n REPS] [-m ADDRESS] [-p start|start_nopci] ROOT}. Each phase starts and ends as follows.
 *
 * <ul>
 *   <li>{@code start}, by {@code -p start}: the first scan, and the process ends (timed from outside).
 *   <li>{@code start_nopci}, by that name: no scan, the process ends (timed from outside).
 *   <li>{@code first}: the host scans the tree from nothing. Cold is the first in this process.
 *   <li>{@code bring_up}: a host is added to a bus, until the core knows all devices and all are services. Once.
 *   <li>{@code match}: 64 drivers of 16 ids, of which none fits, are registered as services, until the core has looked
 *       for devices of each.
 *   <li>{@code match_index}: all devices are put into the core's index of matches, with those drivers in it.
 *   <li>{@code rescan}: the operator's verb, nothing changed: asked for, until it returns.
 *   <li>{@code late_driver}: a driver that fits the marked device is registered, until a listener is told that it is bound.
 *   <li>{@code hot_insert}: the marked device's link is back; from the hint that names its address until a listener is
 *       told that the device is bound.
 *   <li>{@code attach}: the same, by the operator's verb instead of a hint.
 *   <li>{@code hot_rescan}: the same, by a hint that names no address.
 * </ul>
 */
public final class ScanMain {

    private static final String USAGE = "usage: ScanMain [-n REPS] [-m ADDRESS] [-p start|start_nopci] ROOT";

    private ScanMain() {}

    /** Measures all phases, or only starts and scans. */
    public static void main(String[] arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(arguments));
        int reps = Integer.parseInt(option(words, "-n", "5"));
        String marked = option(words, "-m", "");
        String phases = option(words, "-p", "");
        if (words.size() != 1 || reps < 1 || !List.of("", "start", "start_nopci").contains(phases)) {
            System.err.println(USAGE);
            System.exit(2);
        }
        if (phases.equals("start_nopci")) {
            return;
        }
        Path root = Path.of(words.getFirst());
        if (phases.equals("start")) {
            host(root, root).scan(null);
            return;
        }
        Path work = Files.createTempDirectory("busbar-bench");
        try {
            measure(root, work, host(root, work), marked, reps, System.out);
        } finally {
            delete(work);
        }
    }

    private static MeasuredHost host(Path root, Path work) {
        return new MeasuredHost(root, work, (function, group, notices) -> new NullFunction());
    }

    private static void measure(Path root, Path work, MeasuredHost host, String marked, int reps, PrintStream out)
            throws Exception {
        int devices;
        try (Stream<Path> links = Files.list(root.resolve("bus/pci/devices"))) {
            devices = Math.toIntExact(links.count());
        }
        new Recorder(out, devices, reps, ProcessClock.coarse()).once("first", "cold", 0, () -> host.scan(null));
        Recorder recorder = new Recorder(out, devices, reps, ProcessClock.fine());
        recorder.warm("first", () -> {}, () -> host.scan(null));
        MatchIndexPhase index = new MatchIndexPhase(host.scan(null).functions());
        recorder.phase("match_index", index::prepare, index::run);
        try (MeasuredBus bus = MeasuredBus.start(work.resolve("felix"))) {
            BusPhases phases = new BusPhases(bus, host, recorder);
            phases.bringUp();
            phases.rescan();
            phases.match();
            if (!marked.isEmpty()) {
                phases.lateDriver();
                phases.hotInsert(root.resolve("bus/pci/devices"), PciAddress.parse(marked));
            }
            if (bus.bus().devices().size() != devices) {
                throw new IllegalStateException("the bus does not have the " + devices + " devices that are there");
            }
        }
    }

    private static String option(List<String> words, String name, String otherwise) {
        int at = words.indexOf(name);
        if (at < 0 || at + 1 == words.size()) {
            return otherwise;
        }
        words.remove(at);
        return words.remove(at);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
