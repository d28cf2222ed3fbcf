package org.busbar.shell.internal.driver;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceEvent.Kind;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.pci.PciBus;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;

/** What becomes of the devices of a bundle while its driver is replaced: for how long they had none, and how they went over. */
final class Pauses {

    private static final String VOLUME = "org.busbar.volume.Volume";
    private static final String ADOPTED = "goes on where its predecessor stopped";

    private final PciBus bus;
    private final Set<String> devices;
    private final long since;
    private final @Nullable VolumeStalls volumes;

    private Pauses(BundleContext context, PciBus bus, Set<String> devices) {
        this.bus = bus;
        this.devices = devices;
        since = bus.history().stream().mapToLong(DeviceEvent::sequence).max().orElse(0);
        volumes = context.getServiceReference(VOLUME) == null ? null : VolumeStalls.begin(context);
    }

    /** Looks at how things are before. */
    static Pauses begin(BundleContext context, PciBus bus, String symbolicName) {
        return new Pauses(context, bus, devicesOf(bus, symbolicName));
    }

    /** Returns the addresses of the devices that a bundle's drivers drive. */
    static Set<String> devicesOf(PciBus bus, String symbolicName) {
        return bus.snapshot().drivers
                .stream()
                .filter(driver -> driver.bundle.equals(symbolicName))
                .flatMap(driver -> driver.devices.stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns what has become of each device, a line each, and of the volumes. */
    String report(String done) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        lines.add(done);
        Map<String, DeviceDTO> now = new LinkedHashMap<>();
        bus.snapshot().devices.forEach(device -> now.put(device.address, device));
        for (String address : devices) {
            lines.add(address + "  " + line(address, now.get(address)));
        }
        if (devices.isEmpty()) {
            lines.add("it drove no device");
        }
        VolumeStalls stalls = volumes;
        if (stalls != null) {
            stalls.longest().ifPresent(lines::add);
        }
        return String.join("\n", lines);
    }

    private String line(String address, @Nullable DeviceDTO device) {
        Instant left = null;
        String how = "";
        Duration without = Duration.ZERO;
        for (DeviceEvent event : bus.history()) {
            if (event.sequence() <= since || event.device() == null
                    || !event.device().address().equals(address)) {
                continue;
            }
            if (event.kind() == Kind.REMOVE_STARTED) {
                left = event.time();
            } else if (event.kind() == Kind.BOUND && left != null) {
                without = Duration.between(left, event.time());
                how = event.text().contains(ADOPTED) ? "handed over" : "reset";
                left = null;
            }
        }
        if (device == null) {
            return "is not there any more";
        }
        if (!device.state.equals("BOUND")) {
            return "is " + device.state.toLowerCase(java.util.Locale.ROOT) + ": " + device.reason;
        }
        return how.isEmpty() ? "stays with its driver" : how + ", without a driver for " + millis(without);
    }

    static String millis(Duration duration) {
        return "%.1f ms".formatted(duration.toNanos() / 1e6);
    }
}
