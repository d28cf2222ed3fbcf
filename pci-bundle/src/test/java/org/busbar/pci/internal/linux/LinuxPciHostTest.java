package org.busbar.pci.internal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.pci.BarInfo;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.OpenException.Reason;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxPciHostTest {

    private static final String SSD = "0000:01:00.0";

    @TempDir
    Path dir;

    Tree tree;
    FakeKernel kernel;
    private final Notices notices = new Notices();

    @BeforeEach
    void makeMachine() throws IOException {
        tree = new Tree(dir.resolve("sys"));
        kernel = new FakeKernel(tree).load("vfio-pci").add(SSD, "1B36:0010", "10802", "nvme");
        tree.group(7, List.of(SSD));
    }

    private HostSettings settings(boolean enabled, String... claims) {
        return new HostSettings(
                enabled, tree.root, Duration.ofMillis(100), ClaimRules.parse(List.of(claims), false));
    }

    private LinuxPciHost host(HostSettings settings, boolean live, FunctionOpener opener) {
        Sysfs sysfs = tree.sysfs();
        Claims claims = new Claims(
                sysfs, new KernelBinding(sysfs, kernel), ClaimLedger.open(dir.resolve("ledger"), "boot"));
        LinuxPciHost host = new LinuxPciHost(sysfs, settings, live, claims, opener);
        host.apply(settings);
        return host;
    }

    private static FunctionOpener failing() {
        return (function, group, notices) -> {
            throw new OpenException(Reason.PERMISSION, "chown /dev/vfio/" + group);
        };
    }

    @Test
    void L10_failedOpenKeepsTheClaimWhileTheRuleStands() throws Exception {
        LinuxPciHost host = host(settings(true, SSD), true, failing());
        HostFunction function = host.scan(null).functions().getFirst();
        assertThat(function.unavailable()).isEmpty();
        assertThatThrownBy(() -> host.open(function, notices)).hasMessageContaining("chown /dev/vfio/7");
        assertThat(kernel.driver(SSD)).isEqualTo("vfio-pci");
        host.stop();
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
    }

    @Test
    void L10_openFunctionIsAskedBackWhenItsRuleGoesAndReturnsToTheKernelOnClose() throws Exception {
        LinuxPciHost host = host(settings(true, SSD), true, (f, group, n) -> new NoHandle());
        HostFunction function = host.scan(null).functions().getFirst();
        try (var handle = host.open(function, notices)) {
            assertThat(kernel.driver(SSD)).isEqualTo("vfio-pci");
            host.apply(settings(true));
            assertThat(notices.requested).isEqualTo(1);
            host.apply(settings(true, "class:0108"));
            assertThat(notices.cancelled).isEqualTo(1);
            host.apply(settings(true));
            assertThat(kernel.driver(SSD)).isEqualTo("vfio-pci");
        }
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
        assertThat(function.unavailable()).get().asString().contains("kernel driver nvme has it", SSD);
    }

    @Test
    void L10_functionIsGivenBackWhenTheKernelHasLetGoOfItHoweverLate() throws Exception {
        NoHandle slow = new NoHandle();
        slow.closesLate = true;
        LinuxPciHost host = host(settings(true, SSD), true, (f, group, n) -> slow);
        var handle = host.open(host.scan(null).functions().getFirst(), notices);
        host.apply(settings(true));
        kernel.writes.clear();
        CountDownLatch back = kernel.expect("nvme");

        handle.close();
        assertThat(kernel.writes).as("its descriptor is still open").isEmpty();
        slow.released.complete(null);

        assertThat(back.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
    }

    @Test
    void L8_cardThatIsPulledWhileItIsOpenIsGoneAlthoughTheKernelStillShowsIt() throws Exception {
        NoHandle pulled = new NoHandle();
        AtomicReference<FunctionNotices> kernelSays = new AtomicReference<>();
        LinuxPciHost host = host(settings(true, SSD), true, (f, group, n) -> {
            kernelSays.set(n);
            return pulled;
        });
        HostSnapshot before = host.scan(null);
        var handle = host.open(before.functions().getFirst(), notices);

        kernelSays.get().maybeGone();
        assertThat(host.scan(before)).as("L11: the card is asked, not the notice believed").isSameAs(before);
        assertThat(notices.gone).isEqualTo(1);

        pulled.gone = true;
        assertThat(host.scan(before)).as("nobody suspects it").isSameAs(before);
        kernelSays.get().maybeGone();
        HostSnapshot without = host.look(before, PciAddress.parse(SSD));
        assertThat(without.functions()).isEmpty();
        assertThat(host.scan(without)).isSameAs(without);

        handle.close();
        assertThat(host.scan(without)).as("not mistaken for a new card").isSameAs(without);
        Files.write(tree.device(SSD).resolve("config"), new byte[256]);
        HostSnapshot again = host.scan(without);
        assertThat(again.functions()).as("it answers after all").hasSize(1);
    }

    @Test
    void L10_ruleThatIsWithdrawnDuringTheOpenAsksTheFunctionBack() throws Exception {
        AtomicReference<LinuxPciHost> itself = new AtomicReference<>();
        LinuxPciHost host = host(settings(true, SSD), true, (f, group, n) -> {
            itself.get().apply(settings(true));
            return new NoHandle();
        });
        itself.set(host);
        try (var handle = host.open(host.scan(null).functions().getFirst(), notices)) {
            assertThat(handle).isNotNull();
            assertThat(notices.requested).isEqualTo(1);
        }
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
    }

    @Test
    void L9_functionGivenBackForLackOfARuleStaysAndMayBeUsedAgain() throws Exception {
        LinuxPciHost host = host(settings(true, SSD), true, (f, group, n) -> new NoHandle());
        var handle = host.open(host.scan(null).functions().getFirst(), notices);
        host.apply(settings(true));
        assertThat(notices.requested).isEqualTo(1);
        assertThat(notices.withdrawn).startsWith("it may not be used any more: ").contains("claim");
        assertThat(notices.cancelled).isZero();
        handle.close();
        assertThat(notices.cancelled).as("it is not being taken out").isEqualTo(1);
    }

    @Test
    void L5_availabilityIsToldWithoutReadingWhatTheKernelMayHoldBack() throws Exception {
        String nic = "0000:02:00.0";
        String second = "0000:02:00.1";
        kernel.add(nic, "8086:10D3", "20000", "e1000e").add(second, "8086:10D3", "20000", "e1000e");
        tree.group(8, List.of(nic, second));
        LinuxPciHost host = host(settings(true, "8086:10d3"), true, failing());
        HostFunction function = host.scan(null).functions().get(1);
        // Its reader waits, as for a device whose lock is held.
        Path uevent = tree.device(second).resolve("uevent");
        Files.delete(uevent);
        assertThat(new ProcessBuilder("mkfifo", uevent.toString()).start().waitFor()).isZero();

        assertThat(assertTimeoutPreemptively(Duration.ofSeconds(20), function::unavailable)).isEmpty();
    }

    @Test
    void malformedConfigurationLeavesThePreviousInForceAndIsNamed() throws Exception {
        LinuxPciHost host = host(settings(true), true, failing());
        HostFunction function = host.scan(null).functions().getFirst();
        host.reject("claims: 'nvme' names no device", "the previous one stays in force");
        assertThat(function.unavailable()).get().asString().contains("malformed: claims: 'nvme'");
        host.apply(settings(true, SSD));
        assertThat(function.unavailable()).isEmpty();
    }

    @Test
    void L10_devicesOfACopyAreNeverOpenedNorWrittenTo() throws Exception {
        LinuxPciHost host = host(settings(true, SSD), false, failing());
        HostFunction function = host.scan(null).functions().getFirst();
        assertThat(function.unavailable()).get().asString().contains("no device behind it");
        assertThatThrownBy(() -> host.open(function, notices)).isInstanceOf(OpenException.class);
        host.stop();
        assertThat(kernel.writes).isEmpty();
    }

    @Test
    void disabledHostReportsNothing() throws Exception {
        LinuxPciHost host = host(settings(false), false, failing());
        HostSnapshot snapshot = host.scan(null);
        assertThat(snapshot.functions()).isEmpty();
        assertThat(host.scan(snapshot)).isSameAs(snapshot);
        try (HostWatch watch = host.watch(new Listener())) {
            assertThat(watch.how()).startsWith("off");
        }
    }

    @Test
    void L11_treeWithoutUeventsIsPolled() throws Exception {
        LinuxPciHost host = host(settings(true), false, failing());
        Listener listener = new Listener();
        try (HostWatch watch = host.watch(listener)) {
            assertThat(watch.how())
                    .isEqualTo("a look every 100 ms (" + tree.root + " is not the running kernel's sysfs)");
            assertThat(listener.twice.await(10, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> host.watch(listener)).isInstanceOf(IllegalStateException.class);
        }
        host.watch(listener).close();
    }

    @Test
    void configurationChangeMakesAvailabilityBeLookedAt() throws Exception {
        LinuxPciHost host = host(settings(true), true, failing());
        host.scan(null);
        Listener listener = new Listener();
        try (HostWatch watch = host.watch(listener)) {
            host.apply(settings(true, SSD));
            assertThat(watch.how()).isNotEmpty();
            assertThat(listener.available).containsExactly(PciAddress.parse(SSD));
        }
    }

    @Test
    void malformedConfigurationMakesReasonsBeLookedAt() throws Exception {
        LinuxPciHost host = host(settings(true), true, failing());
        host.scan(null);
        Listener listener = new Listener();
        try (HostWatch watch = host.watch(listener)) {
            host.reject("claims: 'nvme' names no device", "the previous one stays in force");
            assertThat(watch.how()).isNotEmpty();
            assertThat(listener.available).containsExactly(PciAddress.parse(SSD));
        }
    }

    @Test
    void attributesAreReadWhenAskedFor() throws Exception {
        tree.attribute(SSD, "numa_node", "1\n")
                .attribute(SSD, "revision", "0x02\n")
                .attribute(
                        SSD,
                        "resource",
                        """
                                0x00000000fe800000 0x00000000fe803fff 0x0000000000140204
                                0x0000000000000000 0x0000000000000000 0x0000000000000000
                                0x00000000fe900000 0x00000000fe9fffff 0x0000000000042208
                                0x000000000000c000 0x000000000000c01f 0x0000000000040101
                                garbage
                                """);
        Files.createDirectories(tree.root.resolve("bus/pci/slots/12"));
        Files.writeString(tree.root.resolve("bus/pci/slots/12/address"), "0000:01:00\n");
        HostFunction function = host(settings(true), true, failing()).scan(null).functions().getFirst();
        assertThat(function.numaNode()).hasValue(1);
        assertThat(function.revision()).hasValue(2);
        assertThat(function.slot()).hasValue("12");
        assertThat(function.iommuGroup()).hasValue(7);
        assertThat(function.kernelDriver()).hasValue("nvme");
        assertThat(function.bars()).containsExactly(
                new BarInfo(0, 0x4000, BarInfo.Kind.MEMORY64, false),
                new BarInfo(2, 0x100000, BarInfo.Kind.MEMORY32, true),
                new BarInfo(3, 0x20, BarInfo.Kind.IO, false));
        tree.attribute(SSD, "numa_node", "-1\n");
        assertThat(function.numaNode()).isEmpty();
    }

    /** Counts. */
    private static final class Notices implements FunctionNotices {
        int requested;
        int cancelled;
        int gone;
        String withdrawn = "";

        @Override
        public void ejectRequested() {
            requested++;
        }

        @Override
        public void withdrawn(String why) {
            withdrawn = why;
            requested++;
        }

        @Override
        public void ejectCancelled() {
            cancelled++;
        }

        @Override
        public void maybeGone() {
            gone++;
        }

        @Override
        public void error(String what) {}
    }

    private static final class Listener implements HostListener {
        final CountDownLatch twice = new CountDownLatch(2);
        final List<PciAddress> available = new CopyOnWriteArrayList<>();

        @Override
        public void changed() {
            twice.countDown();
        }

        @Override
        public void availabilityChanged(PciAddress address) {
            available.add(address);
        }
    }
}
