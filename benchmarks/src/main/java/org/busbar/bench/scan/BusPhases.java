package org.busbar.bench.scan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.busbar.device.Deadline;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus;
import org.busbar.pci.PciDriver;
import org.busbar.pci.internal.bus.MeasuredBus;
import org.busbar.pci.internal.linux.MeasuredHost;
import org.osgi.framework.ServiceRegistration;

/** The phases that need a bus: from {@code bring_up} to {@code attach}, see {@link ScanMain}. */
final class BusPhases {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final MeasuredBus measured;
    private final PciBus bus;
    private final MeasuredHost host;
    private final Recorder recorder;
    private final List<String[]> ids = IntStream.range(0, Drivers.COUNT).mapToObj(Drivers::ids).toList();
    private final List<ServiceRegistration<PciDriver>> registered = new ArrayList<>();

    BusPhases(MeasuredBus measured, MeasuredHost host, Recorder recorder) {
        this.measured = measured;
        this.bus = measured.bus();
        this.host = host;
        this.recorder = recorder;
    }

    private static Deadline soon() {
        return Deadline.after(PATIENCE);
    }

    void bringUp() throws Exception {
        recorder.once("bring_up", "cold", 0, () -> measured.bringUp(host));
    }

    void rescan() throws Exception {
        recorder.phase("rescan", () -> {}, () -> {
            PciBus.RescanResult result = bus.rescan(soon());
            if (!result.added().isEmpty() || !result.removed().isEmpty() || !result.replaced().isEmpty()) {
                throw new IllegalStateException("the tree changed during a rescan: " + result);
            }
        });
    }

    void match() throws Exception {
        recorder.phase("match", this::unregisterAll, () -> {
            registered.addAll(Drivers.registerAll(measured.context(), ids));
            bus.settle(soon());
        });
        if (bus.snapshot().probes != 0) {
            throw new IllegalStateException("a driver that fits nothing was probed");
        }
    }

    private void unregisterAll() throws Exception {
        registered.forEach(ServiceRegistration::unregister);
        registered.clear();
        bus.settle(soon());
    }

    void lateDriver() throws Exception {
        List<ServiceRegistration<PciDriver>> marked = new ArrayList<>();
        try (Events events = new Events(bus)) {
            recorder.phase("late_driver", () -> leave(marked), () -> {
                marked.add(Drivers.registerMarked(measured.context()));
                events.awaitBound();
            });
            leave(marked);
            events.expectNoMore();
        }
    }

    private void leave(List<ServiceRegistration<PciDriver>> marked) throws Exception {
        marked.forEach(ServiceRegistration::unregister);
        marked.clear();
        bus.settle(soon());
    }

    void hotInsert(Path devices, PciAddress marked) throws Exception {
        try (Events events = new Events(bus)) {
            ServiceRegistration<PciDriver> driver = Drivers.registerMarked(measured.context());
            events.awaitBound();
            Path link = devices.resolve(marked.toString());
            Path target = Files.readSymbolicLink(link);
            Recorder.Span outAndIn = () -> reinsert(link, target);
            recorder.phase("hot_insert", outAndIn, () -> {
                host.hint(marked);
                events.awaitBound();
            });
            recorder.phase("attach", outAndIn, () -> {
                bus.attach(marked, soon());
                events.awaitBound();
            });
            recorder.phase("hot_rescan", outAndIn, () -> {
                host.hint();
                events.awaitBound();
            });
            events.expectNoMore();
            driver.unregister();
        }
    }

    /** Takes the device away, waits until nothing of it is left, and puts it back without telling anybody. */
    private void reinsert(Path link, Path target) throws Exception {
        Files.delete(link);
        int gone = bus.rescan(soon()).removed().size();
        bus.settle(soon());
        if (gone != 1) {
            throw new IOException(link + " was taken away, and " + gone + " devices are gone");
        }
        Files.createSymbolicLink(link, target);
    }
}
