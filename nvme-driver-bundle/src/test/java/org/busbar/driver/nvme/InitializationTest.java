package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NvmeFault;
import org.busbar.emulator.NvmeNamespace;
import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.nvme.NamespaceSummary;
import org.busbar.nvme.NvmeController;
import org.busbar.pci.Bar;
import org.busbar.pci.PciIds;
import org.busbar.testkit.RegisterBar;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;

/** Controllers are brought up in time, or the failure names the state. */
class InitializationTest {

    private static Deadline soon() {
        return Deadline.afterMillis(20_000);
    }

    private static NvmeOptions options(boolean version2, int namespaces, int readyTimeout,
            NvmeOptions.Feature... without) {
        return new NvmeOptions(version2, namespaces, 7, 16, 0, readyTimeout, Set.of(without));
    }

    private static NvmeModel model(NvmeOptions options, List<NvmeNamespace> namespaces) {
        return new NvmeModel(new Card.Nvme("TEST1", namespaces, options));
    }

    @Test
    void L5_aControllerThatDoesNotGetReadyFailsItsProbeWhenCapToIsOver() throws Exception {
        NvmeModel model = model(options(false, 1, 1), List.of(NvmeNamespace.of(64, 512)));
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.faults(new Fault.StuckReset());
            long began = System.nanoTime();
            assertThatExceptionOfType(ProbeException.class)
                    .isThrownBy(() -> slot.probe(Ssd.driver(30_000)))
                    .withMessageContaining("state ENABLE")
                    .withMessageContaining("CSTS.RDY = 1");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(
                    Duration.ofMillis(500), Duration.ofSeconds(8));
            slot.context().release();
            assertThat(slot.inUse()).isFalse();
        }
    }

    @Test
    void aControllerThatTakesTheTimeThatItAnnouncesIsWaitedFor() throws Exception {
        NvmeModel model = model(options(true, 1, 4), List.of(NvmeNamespace.of(64, 512)));
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.faults(new NvmeFault.SlowTransitions(Duration.ofMillis(700)));
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            assertThat(controller.identity().version()).isEqualTo("2.0.0");
            controller.reset(soon());
            Ssd.device(slot).read(0, ByteBuffer.allocate(512), soon());
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void crtoCountsWhereItIsOfferedAndLongerThanCapTo() {
        assertThat(new Registers(bar(2, false, 7)).readyMillis()).isEqualTo(1_000);
        assertThat(new Registers(bar(2, true, 7)).readyMillis()).isEqualTo(3_500);
        assertThat(new Registers(bar(20, true, 7)).readyMillis()).isEqualTo(10_000);
        assertThat(new Registers(bar(0, false, 0)).readyMillis()).isEqualTo(500);
    }

    /** Registers of a controller whose CAP.TO, CAP.CRMS and CRTO.CRWMT are given. */
    private static Bar bar(int to, boolean crwms, int crwmt) {
        long cap = 1023L | (long) to << 24 | 1L << 37 | (crwms ? 1L << 59 : 0);
        return new RegisterBar(0x2000) {
            @Override
            public int read32(long offset) {
                return switch ((int) offset) {
                    case 0 -> (int) cap;
                    case 4 -> (int) (cap >>> 32);
                    case 0x68 -> crwmt;
                    default -> 0;
                };
            }

            @Override
            public void write32(long offset, int value) {
                throw new AssertionError("nothing is written");
            }
        };
    }

    @Test
    void moreNamespacesThanOnePageOfTheListHoldsAreAllFound() throws Exception {
        List<NvmeNamespace> many = IntStream.range(0, 1_030).mapToObj(i -> NvmeNamespace.of(8, 512)).toList();
        try (TestSlot slot = new TestSlot(1, model(options(false, 4_096, 15), many))) {
            slot.probe(Ssd.driver(30_000));
            assertThat(slot.context().published().stream().filter(BlockDevice.class::isInstance)).hasSize(1_030);
            assertThat(Ssd.controller(slot).namespaces(Deadline.afterMillis(60_000)))
                    .extracting(NamespaceSummary::nsid)
                    .hasSize(1_030)
                    .startsWith(1, 2)
                    .endsWith(1_029, 1_030);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aControllerWithoutNamespacesIsDrivenAndOffersThoseThatCome() throws Exception {
        NvmeModel model = model(options(false, 4, 15), List.of());
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            assertThat(slot.context().published()).singleElement().isInstanceOf(NvmeController.class);
            model.ssd().add(NvmeNamespace.of(64, 512));
            Deadline deadline = soon();
            while (slot.context().published().size() < 2) {
                assertThat(deadline.expired()).as("timed out waiting for the block device").isFalse();
                Thread.onSpinWait();
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void whatTheControllerDoesNotHaveIsSaidWithoutAskingIt() throws Exception {
        NvmeModel model = model(
                options(false, 4, 15, NvmeOptions.Feature.MANAGEMENT, NvmeOptions.Feature.FORMAT),
                List.of(NvmeNamespace.of(64, 512)));
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> controller.attach(2, soon()))
                    .withMessageContaining("OACS bit 3");
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> controller.format(org.busbar.nvme.FormatRequest.of(1, 0), soon()))
                    .withMessageContaining("OACS bit 1");
            assertThat(controller.logs().errors(8, soon())).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void quirksAreKnownByPciIdentifiers() {
        assertThat(quirks(0x144d, 0xa821).has(Quirks.Quirk.SLOW_READY)).isTrue();
        assertThat(quirks(0x8086, 0x5845).has(Quirks.Quirk.NO_NAMESPACE_LIST)).isTrue();
        assertThat(quirks(0x1e4b, 0x1202).has(Quirks.Quirk.BOGUS_IDENTIFIERS)).isTrue();
        for (Quirks.Quirk quirk : Quirks.Quirk.values()) {
            assertThat(quirks(0x1b36, 0x0010).has(quirk)).as("%s of QEMU's and the emulator's controller", quirk)
                    .isFalse();
        }
    }

    private static Quirks quirks(int vendor, int device) {
        return Quirks.of(new PciIds(vendor, device, 0, 0, 0x010802));
    }
}
