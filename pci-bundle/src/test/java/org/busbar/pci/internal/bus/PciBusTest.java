package org.busbar.pci.internal.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.ProbeException;
import org.busbar.pci.BindException;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus;
import org.busbar.pci.PciBus.RescanResult;
import org.busbar.pci.PciDevice;
import org.busbar.pci.host.HostFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

class PciBusTest {

    private final FakeSession session = new FakeSession();
    private final FakeHost rack = new FakeHost("rack", "0000:01:00.0", "0000:01:02.0", "0000:02:ab.0");
    private TestFramework framework;
    private PciBusComponent bus;

    @BeforeEach
    void start(@TempDir Path storage) throws Exception {
        framework = new TestFramework(storage);
        bus = new PciBusComponent(name -> session, framework.context());
    }

    @AfterEach
    void stop() throws Exception {
        bus.close();
        framework.close();
        assertThat(session.defects).isEmpty();
    }

    private static Deadline soon() {
        return Deadline.after(Duration.ofSeconds(20));
    }

    private static PciAddress at(String address) {
        return PciAddress.parse(address);
    }

    private List<String> addresses() {
        return bus.devices().stream().map(device -> device.address().toString()).toList();
    }

    private Collection<ServiceReference<PciDevice>> services(String filter) throws InvalidSyntaxException {
        return framework.context().getServiceReferences(PciDevice.class, filter);
    }

    private void addRack() throws Exception {
        bus.addHost(rack);
        bus.settle(soon());
        session.calls.clear();
    }

    /** The three devices of DPDK's old fake sysfs tree, in the order in which it made trouble. */
    @Test
    void L1_theThreeDevicesAreFoundGoAndComeBackAsNewOnes() throws Exception {
        addRack();
        assertThat(addresses()).containsExactly("0000:01:00.0", "0000:01:02.0", "0000:02:ab.0");
        assertThat(session.present()).containsOnlyKeys("0000:01:00.0", "0000:01:02.0", "0000:02:ab.0");

        rack.remove("0000:01:02.0");
        RescanResult gone = bus.rescan(soon());
        assertThat(gone).isEqualTo(new RescanResult(List.of(), List.of(at("0000:01:02.0")), List.of(), List.of()));
        assertThat(addresses()).containsExactly("0000:01:00.0", "0000:02:ab.0");
        assertThat(session.calls).contains("changed -[0000:01:02.0#2] +[]");

        rack.insert("0000:01:02.0");
        assertThat(bus.rescan(soon()).added()).containsExactly(at("0000:01:02.0"));
        assertThat(bus.device(at("0000:01:02.0"))).get().extracting(device -> device.id().generation()).isEqualTo(4L);
    }

    @Test
    void L1_aCardThatIsSwappedIsRemovedAndAddedInOneStep() throws Exception {
        addRack();
        rack.insert("0000:02:ab.0");

        assertThat(bus.rescan(soon()).replaced()).containsExactly(at("0000:02:ab.0"));

        assertThat(session.calls).contains("changed -[0000:02:ab.0#3] +[0000:02:ab.0#4]");
        bus.settle(soon()); // a rescan does not wait for new services
        assertThat(services("(pci.address=0000:02:ab.0)")).hasSize(1);
    }

    @Test
    void L1_aScanThatFailsRemovesNothingAndIsReported() throws Exception {
        addRack();
        rack.remove("0000:01:00.0");
        rack.scanFailure = new IOException("/sys is not mounted: mount it");

        assertThat(bus.rescan(soon()).problems()).singleElement()
                .asString()
                .contains("rack: cannot be read")
                .contains("/sys is not mounted: mount it");
        assertThat(addresses()).hasSize(3);
        assertThat(bus.hosts()).singleElement().satisfies(host -> {
            assertThat(host.functions()).isEqualTo(3);
            assertThat(host.watching()).isEqualTo("by hand");
            assertThat(host.problems()).hasSize(1);
        });

        rack.scanFailure = null;
        assertThat(bus.rescan(soon()).removed()).containsExactly(at("0000:01:00.0"));
        assertThat(bus.hosts().getFirst().problems()).isEmpty();
    }

    @Test
    void L1_aFunctionThatCannotBeReadTakesNothingElseAway() throws Exception {
        addRack();
        rack.problem("0000:03:00.0", "uevent has no PCI_ID");

        assertThat(bus.rescan(soon()).problems()).containsExactly("rack: 0000:03:00.0: uevent has no PCI_ID");
        assertThat(addresses()).hasSize(3);
        bus.rescan(soon());
        assertThat(session.calls.stream().filter(call -> call.startsWith("note SCAN_PROBLEM")))
                .as("told once, not at every scan")
                .hasSize(1);
    }

    @Test
    void L5_aHostThatReportsNonsenseLosesNothing() throws Exception {
        addRack();
        List<HostFunction> wrong = List.of(FakeFunction.at("0000:02:00.0"), FakeFunction.at("0000:01:00.0"));
        rack.lie(wrong);

        assertThat(bus.rescan(soon()).problems()).singleElement().asString().contains("out of order");
        assertThat(addresses()).hasSize(3);
    }

    @Test
    void L2_aRescanThatFindsNothingNewTellsTheCoreNothing() throws Exception {
        addRack();

        for (int i = 0; i < 10; i++) {
            assertThat(bus.rescan(soon()).added()).isEmpty();
        }

        assertThat(session.calls).isEmpty();
    }

    @Test
    void L5_aHostThatHangsHoldsUpNobodyElse() throws Exception {
        FakeHost hanging = new FakeHost("hanging", "0001:00:00.0");
        FakeHost.Gate gate = hanging.hang();
        bus.addHost(hanging);
        gate.awaitEntered();
        bus.addHost(rack);

        bus.attach(at("0000:01:00.0"), soon());

        assertThat(addresses()).hasSize(3);
        assertThatThrownBy(() -> bus.rescan(Deadline.after(Duration.ofMillis(50))))
                .isInstanceOf(DeviceTimeoutException.class)
                .hasMessageContaining("host hanging to be scanned");
        gate.open();
        bus.settle(soon());
        assertThat(addresses()).hasSize(4);
    }

    @Test
    void L11_hintsDuringAScanLeadToOneMoreAndScansNeverOverlap() throws Exception {
        addRack();
        int before = rack.scans.get();
        FakeHost.Gate gate = rack.hang();
        rack.listener.changed();
        gate.awaitEntered();
        for (int i = 0; i < 100; i++) {
            rack.listener.changed();
        }
        rack.insert("0000:05:00.0");
        gate.open();

        bus.settle(soon());

        assertThat(rack.scans.get() - before).isEqualTo(2);
        assertThat(rack.mostScansAtOnce).hasValue(1);
        assertThat(addresses()).contains("0000:05:00.0");
    }

    @Test
    void L3_aHintThatNamesAnAddressLooksThereAndNowhereElse() throws Exception {
        addRack();
        int before = rack.scans.get();
        rack.insert("0000:05:00.0");
        rack.insert("0000:06:00.0");

        rack.listener.changed(at("0000:05:00.0"));
        bus.settle(soon());

        assertThat(rack.looks).containsExactly("0000:05:00.0");
        assertThat(rack.scans).hasValue(before);
        assertThat(addresses()).contains("0000:05:00.0").doesNotContain("0000:06:00.0");
        assertThat(bus.rescan(soon()).added()).containsExactly(at("0000:06:00.0"));
    }

    @Test
    void L11_aNamedAddressIsNotBelievedEither() throws Exception {
        addRack();

        rack.listener.changed(at("0000:01:00.0"));
        rack.listener.changed(at("0000:77:00.0"));
        bus.settle(soon());

        assertThat(session.calls).containsExactly("settle");
    }

    @Test
    void L11_namedAddressesThatComeDuringALookAreAllLookedAtInTheNext() throws Exception {
        addRack();
        FakeHost.Gate gate = rack.hang();
        rack.listener.changed();
        gate.awaitEntered();
        rack.remove("0000:01:00.0");
        rack.insert("0000:05:00.0");
        for (int i = 0; i < 10; i++) {
            rack.listener.changed(at("0000:01:00.0"));
            rack.listener.changed(at("0000:05:00.0"));
        }
        gate.open();
        bus.settle(soon());

        assertThat(rack.looks).containsExactly("0000:01:00.0", "0000:05:00.0");
        assertThat(addresses()).containsExactly("0000:01:02.0", "0000:02:ab.0", "0000:05:00.0");
    }

    @Test
    void L11_moreNamedAddressesThanAreWorthWhileAreOneScan() throws Exception {
        addRack();
        int before = rack.scans.get();
        FakeHost.Gate gate = rack.hang();
        rack.listener.changed();
        gate.awaitEntered();
        for (int i = 0; i < 64; i++) {
            String address = "0000:%02x:00.0".formatted(0x40 + i);
            rack.insert(address);
            rack.listener.changed(at(address));
        }
        gate.open();
        bus.settle(soon());

        assertThat(rack.looks).isEmpty();
        assertThat(rack.scans.get() - before).isEqualTo(2);
        assertThat(addresses()).hasSize(67);
    }

    @Test
    void L1_aLookThatFailsRemovesNothingAndIsReported() throws Exception {
        addRack();
        rack.remove("0000:01:00.0");
        rack.scanFailure = new IOException("/sys is not mounted: mount it");
        rack.listener.changed(at("0000:01:00.0"));
        bus.settle(soon());

        assertThat(addresses()).hasSize(3);
        assertThat(bus.hosts().getFirst().problems()).singleElement().asString().contains("/sys is not mounted");
    }

    @Test
    void L11_aHintAloneChangesNothing() throws Exception {
        addRack();

        rack.listener.changed();
        bus.settle(soon());

        assertThat(session.calls).containsExactly("settle");
    }

    @Test
    void availabilityThatMayHaveChangedIsLookedAtByTheCore() throws Exception {
        addRack();

        rack.listener.availabilityChanged(at("0000:01:00.0"));
        rack.listener.availabilityChanged(at("0000:77:00.0"));
        bus.settle(soon());

        assertThat(session.calls).containsExactly("reevaluate [0000:01:00.0#1]", "settle");
    }

    @Test
    void everyFunctionIsAService() throws Exception {
        addRack();

        assertThat(services("(&(DEVICE_CATEGORY=PCI)(pci.vendor=8086)(pci.device=10d3)(pci.subsystem=1af4:1100)"
                + "(pci.class=010802)(pci.host=rack)(pci.generation=1)(pci.address=0000:01:00.0))")).hasSize(1);
        assertThat(services(null)).hasSize(3);

        rack.remove("0000:01:00.0");
        bus.rescan(soon());
        assertThat(services(null)).as("gone when the rescan returns").hasSize(2);
    }

    @Test
    void anAddressThatTwoHostsReportBelongsToTheFirst() throws Exception {
        addRack();
        FakeHost other = new FakeHost("other", "0000:01:00.0", "0000:09:00.0");
        bus.addHost(other);
        bus.settle(soon());

        assertThat(bus.device(at("0000:01:00.0"))).get().extracting(PciDevice::host).isEqualTo("rack");
        assertThat(addresses()).hasSize(4);
        PciBus.HostStatus status = bus.hosts().get(1);
        assertThat(status.problems()).singleElement()
                .asString()
                .contains("0000:01:00.0")
                .contains("host rack")
                .contains("another domain");
        assertThat(bus.rescan(soon()).problems()).hasSize(1);

        rack.remove("0000:01:00.0");
        assertThat(bus.rescan(soon()).replaced()).containsExactly(at("0000:01:00.0"));
        assertThat(bus.device(at("0000:01:00.0"))).get().extracting(PciDevice::host).isEqualTo("other");
        assertThat(bus.hosts().get(1).problems()).isEmpty();
    }

    @Test
    void aHostThatLeavesTakesItsDevicesAndNobodyElses() throws Exception {
        addRack();
        FakeHost other = new FakeHost("other", "0000:01:00.0", "0000:09:00.0");
        bus.addHost(other);
        bus.settle(soon());

        bus.removeHost(rack);

        assertThat(rack.watchClosed).isTrue();
        assertThat(addresses()).containsExactly("0000:01:00.0", "0000:09:00.0");
        assertThat(bus.hosts()).extracting(PciBus.HostStatus::name).containsExactly("other");
        assertThat(session.present()).containsOnlyKeys("0000:01:00.0", "0000:09:00.0");
        rack.listener.changed();
        bus.settle(soon());
        assertThat(addresses()).as("a late hint brings nothing back").hasSize(2);
    }

    @Test
    void verbsSayWhatIsThereWhenAnAddressIsNot() throws Exception {
        assertThatThrownBy(() -> bus.detach(at("0000:99:00.0"), soon())).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no PCI function at 0000:99:00.0")
                .hasMessageContaining("none is present");
        addRack();
        assertThatThrownBy(() -> bus.attach(at("0000:99:00.0"), soon())).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no PCI function at 0000:99:00.0; present are: 0000:01:00.0, 0000:01:02.0, 0000:02:ab.0"
                        + " (pci:list shows all)");
    }

    @Test
    void attachLooksForAnAddressThatIsNotKnown() throws Exception {
        addRack();
        rack.insert("0000:06:00.0");

        int before = rack.scans.get();

        bus.attach(at("0000:06:00.0"), soon());

        assertThat(rack.scans).as("one address is looked at, not the host").hasValue(before);
        assertThat(session.calls).containsSubsequence("changed -[] +[0000:06:00.0#4]", "attach 0000:06:00.0#4",
                "settle [0000:06:00.0#4]");
    }

    @Test
    void verbsWaitForWhatTheyCauseAndNoLonger() throws Exception {
        addRack();
        session.removal = new CompletableFuture<>();

        assertThatThrownBy(() -> bus.detach(at("0000:01:00.0"), Deadline.after(Duration.ofMillis(20))))
                .isInstanceOf(DeviceTimeoutException.class)
                .hasMessageContaining("to give up 0000:01:00.0");
        rack.remove("0000:01:02.0");
        assertThatThrownBy(() -> bus.rescan(Deadline.after(Duration.ofMillis(200))))
                .isInstanceOf(DeviceTimeoutException.class)
                .hasMessageContaining("removals");
        session.removal.complete(null);
        bus.unbind(at("0000:01:00.0"), soon());
        assertThat(session.calls).contains("detach 0000:01:00.0#1 DETACH", "unbind 0000:01:00.0#1");
    }

    @Test
    void aProbeThatFailsReachesWhoeverAskedForTheBinding() throws Exception {
        addRack();
        bus.bind(at("0000:01:00.0"), "nvme", soon());
        session.bind = CompletableFuture.failedFuture(new ProbeException("CSTS.RDY did not come in 5 s"));

        assertThatThrownBy(() -> bus.bind(at("0000:01:00.0"), "nvme", soon())).isInstanceOf(BindException.class)
                .hasMessage("nvme was not bound to 0000:01:00.0: CSTS.RDY did not come in 5 s");
        session.bind = CompletableFuture.failedFuture(new IllegalArgumentException("no driver 'nvmee'"));
        assertThatThrownBy(() -> bus.bind(at("0000:01:00.0"), "nvmee", soon()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no driver 'nvmee'");
    }
}
