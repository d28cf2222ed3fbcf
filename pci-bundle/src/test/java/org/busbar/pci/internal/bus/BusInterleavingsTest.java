package org.busbar.pci.internal.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.busbar.core.internal.CoreComponent;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.DriverBinding;
import org.busbar.device.RemovalReason;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.internal.testing.FakeDmaSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/**
 * Host, scanner, bus and core together: cards and drivers come and go, scans are asked for by several threads, fail and are
 * late, operators detach and attach. How it ends is compared with the plainest model of it.
 */
@Timeout(120)
class BusInterleavingsTest {

    private static final int ROUNDS = 30;
    private static final int STEPS = 25;
    private static final List<String> ADDRESSES =
            List.of("0000:01:00.0", "0000:01:00.1", "0000:02:00.0", "0000:40:1f.7", "0001:00:00.0");
    private static final List<Integer> CLASSES = List.of(0x010802, 0x010601, 0x020000);

    /** What each driver matches, a class with its prefix, and so the better the longer it is. */
    private static final Map<String, String> DRIVERS =
            Map.of("nvme", "010802", "storage", "0108", "disks", "01", "nic", "0200");

    private final FakeHost host = new FakeHost("rack");
    private final Set<DeviceId> driven = ConcurrentHashMap.newKeySet();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> cards = new TreeMap<>();
    private final Map<String, ServiceRegistration<PciDriver>> drivers = new HashMap<>();
    private final Set<String> detached = new HashSet<>();
    private TestFramework framework;
    private PciBusComponent bus;

    @BeforeEach
    void start(@TempDir Path storage) throws Exception {
        framework = new TestFramework(storage);
        // No grace: who leaves is not waited for, and who is better takes over, so that the end does not depend on time.
        CoreComponent core = new CoreComponent(framework.context(), Map.of("updateGrace", "0", "rebind", "always"));
        bus = new PciBusComponent(core, framework.context());
        host.handle = (FunctionHandle) Proxy.newProxyInstance(FunctionHandle.class.getClassLoader(),
                new Class<?>[] {FunctionHandle.class},
                (proxy, method, args) -> method.getName().equals("dma")
                        ? new FakeDmaSpace(4096, 0x1000, 0xffff)
                        : null);
        bus.addHost(host);
        bus.settle(soon());
    }

    @AfterEach
    void stop() throws Exception {
        bus.close();
        framework.close();
        assertThat(driven).as("devices that are still driven").isEmpty();
    }

    private static Deadline soon() {
        return Deadline.after(Duration.ofSeconds(20));
    }

    private DriverBinding probe(PciDeviceContext context) {
        DeviceId id = context.id();
        if (!driven.add(id)) {
            violations.add("L2: probed while it is driven: " + id);
        }
        return new DriverBinding() {
            @Override
            public void quiesce(Deadline deadline) {}

            @Override
            public void close(RemovalReason reason) {
                if (!driven.remove(id)) {
                    violations.add("closed twice: " + id);
                }
            }
        };
    }

    private void arrive(String name) {
        drivers.computeIfAbsent(name, unknown -> framework.context()
                .registerService(PciDriver.class, this::probe, FrameworkUtil.asDictionary(
                        Map.of("pci.driver", name, "pci.match.classes", DRIVERS.get(name)))));
    }

    private void leave(String name) {
        ServiceRegistration<PciDriver> registration = drivers.remove(name);
        if (registration != null) {
            registration.unregister();
        }
    }

    /** Puts a card in, in place of another one if there is one. */
    private void insert(String address, int classCode) {
        host.insert(FakeFunction.at(PciAddress.parse(address), classCode));
        cards.put(address, classCode);
        detached.remove(address);
    }

    private void pull(String address) {
        host.remove(address);
        cards.remove(address);
        detached.remove(address);
    }

    private void step(Random random, List<Thread> scanners) throws Exception {
        String address = ADDRESSES.get(random.nextInt(ADDRESSES.size()));
        String driver = List.copyOf(DRIVERS.keySet()).get(random.nextInt(DRIVERS.size()));
        switch (random.nextInt(11)) {
            case 0, 1, 2 -> insert(address, CLASSES.get(random.nextInt(CLASSES.size())));
            case 3 -> pull(address);
            case 4 -> arrive(driver);
            case 5 -> leave(driver);
            case 6 -> scanners.add(Thread.startVirtualThread(this::rescan));
            case 7 -> host.listener.changed(PciAddress.parse(address));
            case 8 -> host.listener.changed();
            case 9 -> host.scanFailure = host.scanFailure == null ? new IOException("for a while") : null;
            default -> operate(address, random.nextBoolean());
        }
    }

    /** An operator acts on what he sees: so the bus has to have seen it, too. */
    private void operate(String address, boolean detach) throws Exception {
        host.scanFailure = null;
        bus.rescan(soon());
        if (!cards.containsKey(address)) {
            return;
        }
        if (detach) {
            bus.detach(PciAddress.parse(address), soon());
            detached.add(address);
        } else {
            bus.attach(PciAddress.parse(address), soon());
            detached.remove(address);
        }
    }

    private void rescan() {
        try {
            bus.rescan(soon());
        } catch (DeviceTimeoutException | InterruptedException | RuntimeException e) {
            violations.add("a rescan ended with " + e);
        }
    }

    private Map<String, String> expected() {
        Map<String, String> expected = new TreeMap<>();
        cards.forEach((address, classCode) -> expected.put(address, detached.contains(address)
                ? "DETACHED"
                : drivers.keySet()
                        .stream()
                        .filter(name -> "%06x".formatted(classCode).startsWith(DRIVERS.get(name)))
                        .max((one, other) -> DRIVERS.get(one).length() - DRIVERS.get(other).length())
                        .map(name -> "BOUND " + name)
                        .orElse("UNBOUND")));
        return expected;
    }

    private Map<String, String> actual() {
        Map<String, String> actual = new TreeMap<>();
        for (DeviceDTO device : bus.snapshot().devices) {
            actual.put(device.address, device.state.equals("BOUND") ? "BOUND " + device.driver : device.state);
        }
        return actual;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void L1_L2_L4_howItEndsDependsOnWhatIsThere(long seed) throws Exception {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            List<Thread> scanners = new ArrayList<>();
            for (int i = 0; i < STEPS; i++) {
                step(random, scanners);
            }
            for (Thread scanner : scanners) {
                assertThat(scanner.join(Duration.ofSeconds(20))).as("a scan has ended").isTrue();
            }
            host.scanFailure = null;
            bus.rescan(soon());
            bus.settle(soon());
            assertThat(actual()).as("seed %d, round %d", seed, round).isEqualTo(expected());
            assertThat(driven).hasSize((int) expected().values().stream().filter(s -> s.startsWith("BOUND")).count());
            assertThat(violations).isEmpty();
        }
    }
}
