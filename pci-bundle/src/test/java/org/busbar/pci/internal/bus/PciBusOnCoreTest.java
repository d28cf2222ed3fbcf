package org.busbar.pci.internal.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.core.internal.CoreComponent;
import org.busbar.device.Deadline;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.device.dto.CandidateDTO;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.internal.testing.FakeDmaSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/** The bus on the real core, in a framework: who drives what, whatever the order. */
class PciBusOnCoreTest {

    private final FakeHost rack = new FakeHost("rack");
    private final List<String> handles = new CopyOnWriteArrayList<>();
    private final Map<String, AtomicInteger> probes = new ConcurrentHashMap<>();
    private final List<String> removals = new CopyOnWriteArrayList<>();
    private TestFramework framework;
    private CoreComponent core;
    private PciBusComponent bus;

    @BeforeEach
    void start(@TempDir Path storage) throws Exception {
        framework = new TestFramework(storage);
        core = new CoreComponent(framework.context(), Map.of());
        bus = new PciBusComponent(core, framework.context());
        rack.handle = (FunctionHandle) Proxy.newProxyInstance(FunctionHandle.class.getClassLoader(),
                new Class<?>[] {FunctionHandle.class}, (proxy, method, args) -> switch (method.getName()) {
                    case "dma" -> new FakeDmaSpace(4096, 0x1000, 0xffff);
                    case "interrupts", "config", "bar" -> null;
                    default -> {
                        handles.add(method.getName());
                        yield null;
                    }
                });
        insertNic("0000:01:00.0");
        insertSsd("0000:01:02.0");
        insertNic("0000:02:ab.0");
    }

    @AfterEach
    void stop() throws Exception {
        bus.close();
        framework.close();
    }

    private void insertNic(String address) {
        rack.insert(FakeFunction.at(PciAddress.parse(address), 0x020000));
    }

    private void insertSsd(String address) {
        rack.insert(FakeFunction.at(PciAddress.parse(address), 0x010802));
    }

    private ServiceRegistration<PciDriver> driver(String name, String classCode) {
        PciDriver driver = context -> {
            probes.computeIfAbsent(context.id().address(), address -> new AtomicInteger()).incrementAndGet();
            allocate(context);
            return new DriverBinding() {
                @Override
                public void quiesce(Deadline deadline) {
                    removals.add(context.id().address() + " quiesce");
                }

                @Override
                public void close(RemovalReason reason) {
                    removals.add(context.id().address() + " " + reason);
                }
            };
        };
        return framework.context()
                .registerService(PciDriver.class, driver,
                        FrameworkUtil.asDictionary(Map.of("pci.driver", name, "pci.match.classes", classCode)));
    }

    private static void allocate(PciDeviceContext context) throws ProbeException {
        try {
            assertThat(context.dma().allocate(1).size()).isEqualTo(4096);
        } catch (DmaException e) {
            throw new ProbeException("no memory", e);
        }
    }

    private static Deadline soon() {
        return Deadline.after(Duration.ofSeconds(20));
    }

    private Map<String, String> bindings() {
        Map<String, String> bindings = new ConcurrentHashMap<>();
        for (DeviceDTO device : bus.snapshot().devices) {
            bindings.put(device.address, device.state + (device.driver == null ? "" : " " + device.driver));
        }
        return bindings;
    }

    private DeviceDTO device(String address) {
        return bus.snapshot().devices.stream().filter(d -> d.address.equals(address)).findFirst().orElseThrow();
    }

    /** Register NIC drivers, probe, register SSD drivers, probe: what crashed DPDK in 2016. */
    @Test
    void L2_L3_driversOfTwoKindsComeOneAfterTheOtherAndEachProbesOnlyItsOwn() throws Exception {
        bus.addHost(rack);
        bus.settle(soon());
        assertThat(bindings()).containsOnly(Map.entry("0000:01:00.0", "UNBOUND"),
                Map.entry("0000:01:02.0", "UNBOUND"), Map.entry("0000:02:ab.0", "UNBOUND"));

        driver("nic", "0200");
        bus.settle(soon());
        assertThat(bindings()).containsEntry("0000:01:00.0", "BOUND nic")
                .containsEntry("0000:01:02.0", "UNBOUND")
                .containsEntry("0000:02:ab.0", "BOUND nic");

        driver("nvme", "010802");
        for (int i = 0; i < 10; i++) {
            bus.rescan(soon());
            bus.attach(PciAddress.parse("0000:01:00.0"), soon());
        }
        bus.settle(soon());

        assertThat(bindings()).containsEntry("0000:01:02.0", "BOUND nvme");
        assertThat(probes.values()).hasSize(3).allSatisfy(count -> assertThat(count).hasValue(1));
        assertThat(removals).isEmpty();
    }

    @Test
    void L7_aDriverThatLeavesGivesUpExactlyWhatItDroveBeforeItsUnregistrationReturns() throws Exception {
        ServiceRegistration<PciDriver> nic = driver("nic", "02");
        driver("nvme", "01");
        bus.addHost(rack);
        bus.settle(soon());

        nic.unregister();

        assertThat(removals).containsExactlyInAnyOrder("0000:01:00.0 quiesce", "0000:01:00.0 DRIVER_LEFT",
                "0000:02:ab.0 quiesce", "0000:02:ab.0 DRIVER_LEFT");
        assertThat(handles.stream().filter("close"::equals)).hasSize(2);
        bus.settle(soon());
        assertThat(bindings()).containsEntry("0000:01:02.0", "BOUND nvme");
    }

    @Test
    void L1_aFunctionThatIsGoneIsRevokedAndGivenUpWhenTheRescanReturns() throws Exception {
        driver("nvme", "010802");
        bus.addHost(rack);
        bus.settle(soon());

        rack.remove("0000:01:02.0");
        bus.rescan(soon());

        assertThat(removals).as("no quiesce: nothing is there to be quiesced").containsExactly("0000:01:02.0 SURPRISE");
        assertThat(handles).first().isEqualTo("revoke");
        assertThat(handles).endsWith("closeBars", "close");

        insertSsd("0000:01:02.0");
        bus.rescan(soon());
        assertThat(bindings()).containsEntry("0000:01:02.0", "BOUND nvme");
    }

    @Test
    void whatTheHostSaysIsWhyADeviceIsNotBound() throws Exception {
        rack.openFailure = new OpenException(OpenException.Reason.GROUP_SHARED,
                "IOMMU group 7 is shared with 0000:01:00.0, which e1000e drives; claim that one too");
        driver("nvme", "010802");
        bus.addHost(rack);
        bus.settle(soon());

        assertThat(device("0000:01:02.0").reason + device("0000:01:02.0").candidates.getFirst().obstacle)
                .contains("IOMMU group 7 is shared with 0000:01:00.0");
        rack.openFailure = null;
        bus.attach(PciAddress.parse("0000:01:02.0"), soon());
        assertThat(bindings()).containsEntry("0000:01:02.0", "BOUND nvme");
    }

    @Test
    void aDriverWithAMalformedEntryIsListedAndNeverProbed() throws Exception {
        bus.addHost(rack);
        framework.context()
                .registerService(PciDriver.class, context -> null, FrameworkUtil.asDictionary(
                        Map.of("pci.driver", "typo", "pci.match.classes", new String[] {"010802", "108"})));
        framework.context()
                .registerService(PciDriver.class, context -> null, FrameworkUtil.asDictionary(
                        Map.of("pci.driver", "worse", "pci.match.classes", new String[] {"nvme"})));
        bus.settle(soon());

        assertThat(bus.snapshot().drivers).extracting(driver -> driver.name + ": " + driver.problem)
                .anyMatch(text -> text.startsWith("worse: entry 'nvme' of pci.match.classes"));
        assertThat(bus.snapshot().probes).isZero();
    }

    @Test
    void verbsOfTheOperator() throws Exception {
        driver("nvme", "010802");
        driver("other", "01");
        bus.addHost(rack);
        bus.settle(soon());
        PciAddress ssd = PciAddress.parse("0000:01:02.0");
        assertThat(bindings()).containsEntry("0000:01:02.0", "BOUND nvme");
        assertThat(device("0000:01:02.0").candidates).extracting((CandidateDTO c) -> c.driver)
                .containsExactly("nvme", "other");

        bus.bind(ssd, "other", soon());
        assertThat(bindings()).containsEntry("0000:01:02.0", "BOUND other");
        bus.unbind(ssd, soon());
        assertThat(bindings().get("0000:01:02.0")).doesNotContain("BOUND ");
        bus.detach(ssd, soon());
        assertThat(bindings()).containsEntry("0000:01:02.0", "DETACHED");
        bus.rescan(soon());
        assertThat(bindings()).as("a rescan does not undo it").containsEntry("0000:01:02.0", "DETACHED");
        bus.attach(ssd, soon());
        assertThat(bindings()).containsEntry("0000:01:02.0", "BOUND nvme");
        assertThatThrownBy(() -> bus.bind(ssd, "nvmee", soon())).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nvmee");
    }

    @Test
    void aHostThatLeavesHasItsDevicesGivenUpInOrder() throws Exception {
        driver("nvme", "010802");
        bus.addHost(rack);
        bus.settle(soon());

        bus.removeHost(rack);

        assertThat(removals).containsExactly("0000:01:02.0 quiesce", "0000:01:02.0 EJECT");
        assertThat(handles).endsWith("closeBars", "close");
        assertThat(bus.snapshot().devices).isEmpty();
    }

    @Test
    void theEndOfTheBusGivesEverythingUp() throws Exception {
        driver("nvme", "010802");
        bus.addHost(rack);
        bus.settle(soon());

        bus.close();

        assertThat(removals).containsExactly("0000:01:02.0 quiesce", "0000:01:02.0 SHUTDOWN");
        bus = new PciBusComponent(core, framework.context());
        bus.addHost(rack);
        bus.settle(soon());
        assertThat(bindings()).containsEntry("0000:01:02.0", "BOUND nvme");
    }
}
