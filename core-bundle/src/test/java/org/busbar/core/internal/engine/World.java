package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.busbar.core.internal.policy.Policy;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceId;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeDeclinedException;
import org.busbar.device.ProbeDeferredException;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.device.bus.BusDevice;

/**
 * Devices and drivers whose conduct is known beforehand, together with what has to hold of them at every moment. The
 * engine is driven through a simulation; {@link Model} says how it has to end.
 */
final class World {

    /** What a driver does with a device. */
    enum Conduct {
        DRIVES,
        FLAKY,
        DECLINES,
        DEFERS,
        FAILS,
        BREAKS,
        RETURNS_NULL
    }

    static final List<String> ADDRESSES = List.of("0", "1", "2", "3", "4");
    static final List<String> KEYS = List.of("a", "b", "c");
    static final List<String> DRIVERS = List.of("D0", "D1", "D2", "D3");

    final Random random;
    final Simulation simulation;
    final Session session;
    final boolean hanging;
    final Map<String, FakeDevice> devices = new HashMap<>();
    final Map<String, FakeDriver> drivers = new LinkedHashMap<>();
    final Map<String, Integer> rankings = new HashMap<>();
    final List<Bound> bindings = new ArrayList<>();
    final List<CompletableFuture<Void>> futures = new ArrayList<>();
    private final Map<String, Integer> attempts = new HashMap<>();
    private final Map<String, List<String>> driverKeys = new HashMap<>();
    private long generation;

    World(Random random, Policy policy, boolean hanging) {
        this.random = random;
        this.hanging = hanging;
        simulation = new Simulation(random);
        session = new Session("test", simulation.environment(), policy, closed -> {});
        for (String driver : DRIVERS) {
            rankings.put(driver, random.nextInt(3));
            List<String> keys = new ArrayList<>();
            KEYS.forEach(key -> {
                if (random.nextBoolean()) {
                    keys.add(key);
                }
            });
            driverKeys.put(driver, keys);
        }
    }

    /** Returns what a driver does with a device: always the same for the same device in the same run. */
    Conduct conduct(String driver, DeviceId device) {
        int hash = (driver + device.address() + device.generation() + rankings).hashCode() >>> 5;
        return switch (hash % 10) {
            case 0 -> Conduct.FLAKY;
            case 1 -> Conduct.DECLINES;
            case 2 -> Conduct.DEFERS;
            case 3 -> Conduct.FAILS;
            case 4 -> Conduct.BREAKS;
            case 5 -> Conduct.RETURNS_NULL;
            default -> Conduct.DRIVES;
        };
    }

    void insert(String address) {
        FakeDevice device = new FakeDevice(address, ++generation, keys());
        FakeDevice before = devices.put(address, device);
        List<DeviceId> gone = before == null || random.nextBoolean() ? List.of() : List.of(before.id());
        futures.add(session.devicesChanged(gone, List.of(device)));
    }

    private String[] keys() {
        List<String> keys = new ArrayList<>(KEYS);
        java.util.Collections.shuffle(keys, random);
        return keys.subList(0, 1 + random.nextInt(KEYS.size())).toArray(String[]::new);
    }

    void pull(String address) {
        FakeDevice device = devices.remove(address);
        if (device != null) {
            futures.add(session.devicesChanged(List.of(device.id()), List.of()));
        }
    }

    void arrive(String name) {
        if (!drivers.containsKey(name)) {
            FakeDriver driver = new FakeDriver(
                    new FakeBundle(name),
                    name,
                    rankings.get(name),
                    driverKeys.get(name).toArray(String[]::new));
            driver.doing(this::probe);
            drivers.put(name, driver);
            session.driverArrived(driver);
        }
    }

    void leave(String name) {
        FakeDriver driver = drivers.remove(name);
        if (driver != null) {
            long id = (Long) driver.reference().getProperty("service.id");
            futures.add(session.driverLeaves(id)
                    .thenRun(() -> assertThat(open(driver))
                            .as("L7: bindings of " + name + " after it has left")
                            .isEmpty()));
        }
    }

    private List<Bound> open(FakeDriver driver) {
        return hanging
                ? List.of()
                : bindings.stream().filter(b -> b.driver == driver && !b.closed).toList();
    }

    private DriverBinding probe(FakeDriver driver, BusDevice device, DeviceContext context) throws ProbeException {
        String address = device.id().address();
        if (!hanging) {
            assertThat(bindings.stream().filter(b -> !b.closed && b.device.address().equals(address)))
                    .as("L2, L8: whoever has " + address + " when " + driver.name() + " probes it")
                    .isEmpty();
        }
        long service = (Long) driver.reference().getProperty("service.id");
        int attempt = attempts.merge(device.id() + " " + service, 1, Integer::sum);
        switch (conduct(driver.name(), device.id())) {
            case FLAKY -> {
                if (attempt < 3) {
                    throw new ProbeException("flaky");
                }
            }
            case DECLINES -> throw new ProbeDeclinedException("not mine");
            case DEFERS -> throw new ProbeDeferredException("Godot", "(service=godot)");
            case FAILS -> throw new ProbeException("no luck");
            case BREAKS -> throw new NoClassDefFoundError("com/example/Missing");
            case RETURNS_NULL -> {
                return null;
            }
            case DRIVES -> {}
        }
        Bound bound = new Bound(driver, device.id(), context);
        try {
            context.publish(Runnable.class, bound, Map.of());
        } catch (DeviceGoneException gone) {
            throw new ProbeException("gone", gone);
        }
        context.own("register block", bound::release);
        bindings.add(bound);
        return bound;
    }

    /** Lets everything come to rest and checks what always holds. */
    void settle() {
        simulation.drain(20);
        assertThat(futures).allMatch(CompletableFuture::isDone).noneMatch(CompletableFuture::isCompletedExceptionally);
        for (Bound bound : bindings) {
            boolean current = devices.values().stream().anyMatch(d -> d.id().equals(bound.device))
                    && drivers.containsValue(bound.driver);
            assertThat(bound.closed || current)
                    .as("L6, L7: a binding of " + bound.driver.name() + " to " + bound.device + " has outlived them")
                    .isTrue();
            assertThat(bound.released).as("L6: released when closed").isEqualTo(bound.closed);
            assertThat(bound.driver.bundle.services().stream().filter(s -> s.service == bound))
                    .as("L6: services of a binding that is closed: " + bound.closed)
                    .hasSize(bound.closed ? 0 : 1);
        }
    }

    /** A binding that checks how it is treated. */
    static final class Bound implements DriverBinding, Runnable {
        final FakeDriver driver;
        final DeviceId device;
        final DeviceContext context;
        boolean quiesced;
        boolean closed;
        boolean released;

        Bound(FakeDriver driver, DeviceId device, DeviceContext context) {
            this.driver = driver;
            this.device = device;
            this.context = context;
        }

        @Override
        public void quiesce(Deadline deadline) {
            assertThat(quiesced || closed).as("quiesced once, and before close").isFalse();
            quiesced = true;
        }

        @Override
        public void close(RemovalReason reason) {
            assertThat(closed).as("closed exactly once").isFalse();
            closed = true;
            if (reason.isSurprise()) {
                assertThat(context.isRevoked()).as("L8: revoked before it is told").isTrue();
            }
        }

        void release() {
            assertThat(released).as("released exactly once").isFalse();
            released = true;
        }

        @Override
        public void run() {}
    }
}
