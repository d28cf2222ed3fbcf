package org.busbar.shell.internal.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.busbar.device.Deadline;
import org.busbar.device.dto.BusDTO;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.emulator.Rack;
import org.busbar.pci.PciBus;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** Where the tour takes place: the bus, the rack, the drivers folder, and ways to look at them. */
final class Stage {

    /** How long anything may take that the tour waits for. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A slot that is empty at the beginning. */
    static final int FREE_SLOT = 5;

    static final String BOUND = "BOUND";
    static final String UNBOUND = "UNBOUND";

    private final BundleContext context;
    private final PciBus bus;
    private final Rack rack;
    private final Path assembly;
    private final Path home;
    private final DriversFolder drivers;
    private final Transcript transcript;

    Stage(BundleContext context, PciBus bus, Rack rack, Transcript transcript) {
        this.context = context;
        this.bus = bus;
        this.rack = rack;
        assembly = Path.of(property(context, "busbar.assembly"));
        home = Path.of(property(context, "busbar.home"));
        drivers = new DriversFolder(assembly.resolve("drivers"), Path.of(property(context, "busbar.drivers")));
        this.transcript = transcript;
    }

    private static String property(BundleContext context, String name) {
        String value = context.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("the launcher has not said where it is: " + name);
        }
        return value;
    }

    PciBus bus() {
        return bus;
    }

    Rack rack() {
        return rack;
    }

    /** Returns the folder that Busbar is installed in. */
    Path assembly() {
        return assembly;
    }

    /** Returns the home of this Busbar, which is deleted when the tour is over. */
    Path home() {
        return home;
    }

    DriversFolder drivers() {
        return drivers;
    }

    BundleContext context() {
        return context;
    }

    static Deadline deadline() {
        return Deadline.after(PATIENCE);
    }

    void note(String text) {
        transcript.note(text);
    }

    /** Checks something, and says so. */
    void check(boolean holds, String what) throws CheckFailedException {
        if (!holds) {
            throw new CheckFailedException("not true: " + what);
        }
        transcript.passed(what);
    }

    /** Waits until something is true of the bus, looking after each event, and returns how long that took. */
    Duration await(String what, Predicate<BusDTO> condition) throws Exception {
        return await(what, PATIENCE, condition);
    }

    /** Waits so long at most. */
    Duration await(String what, Duration patience, Predicate<BusDTO> condition) throws Exception {
        long start = System.nanoTime();
        Deadline deadline = Deadline.after(patience);
        Semaphore events = new Semaphore(0);
        try (AutoCloseable _ = bus.follow(event -> events.release())) {
            while (!condition.test(bus.snapshot())) {
                if (!events.tryAcquire(deadline.remaining(TimeUnit.MILLISECONDS), TimeUnit.MILLISECONDS)) {
                    throw new CheckFailedException("did not happen within " + patience.toSeconds() + " s: " + what);
                }
                events.drainPermits();
            }
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Returns the devices of a class on the rack, by address. */
    List<DeviceDTO> cards(String classCode) {
        return cards().stream()
                .filter(device -> classCode.equals(device.properties.get("pci.class")))
                .toList();
    }

    /** Returns the devices on the rack. */
    List<DeviceDTO> cards() {
        Set<String> slots = rack.slots().stream().map(Rack.Slot::address).collect(Collectors.toSet());
        return bus.snapshot().devices.stream()
                .filter(device -> slots.contains(device.address))
                .toList();
    }

    /** Returns where the card in a slot appears. */
    String address(int slot) throws CheckFailedException {
        return rack.slots()
                .stream()
                .filter(candidate -> candidate.number() == slot)
                .map(Rack.Slot::address)
                .findFirst()
                .orElseThrow(() -> new CheckFailedException("there is no slot " + slot));
    }

    /** Returns the services of a type by their service ids: the same map later means that none has come or gone. */
    <T> Map<Long, T> services(Class<T> type) {
        try {
            return context.getServiceReferences(type, null)
                    .stream()
                    .collect(Collectors.toMap(Stage::id, context::getService, (one, other) -> one));
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Long id(ServiceReference<?> reference) {
        return (Long) reference.getProperty(Constants.SERVICE_ID);
    }

    /** Returns how often the devices have been probed, by address. */
    static Map<String, Long> probes(List<DeviceDTO> devices) {
        return devices.stream().collect(Collectors.toMap(device -> device.address, device -> device.probes));
    }

    /** Returns whether all of some devices are in a state. */
    static boolean all(List<DeviceDTO> devices, String state) {
        return !devices.isEmpty() && devices.stream().allMatch(device -> device.state.equals(state));
    }

    static String millis(Duration duration) {
        return duration.toMillis() + " ms";
    }
}
