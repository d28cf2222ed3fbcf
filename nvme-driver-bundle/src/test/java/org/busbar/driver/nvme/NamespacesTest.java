package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NvmeNamespace;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.nvme.FormatRequest;
import org.busbar.nvme.NamespaceIdentity.LbaFormat;
import org.busbar.nvme.NamespaceSummary;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeEvent;
import org.busbar.nvme.NvmeException;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;

/** Block devices follow the namespaces of their controller. */
class NamespacesTest {

    private static Deadline soon() {
        return Deadline.afterMillis(20_000);
    }

    private static List<BlockDevice> devices(TestSlot slot) {
        return slot.context()
                .published()
                .stream()
                .filter(BlockDevice.class::isInstance)
                .map(BlockDevice.class::cast)
                .toList();
    }

    private static List<String> names(TestSlot slot) {
        return devices(slot).stream().map(BlockDevice::name).toList();
    }

    private static BlockDevice device(TestSlot slot, int nsid) {
        return devices(slot).stream().filter(d -> d.name().endsWith("/n" + nsid)).findFirst().orElseThrow();
    }

    private static void await(String what, BooleanSupplier condition) {
        Deadline deadline = soon();
        while (!condition.getAsBoolean()) {
            assertThat(deadline.expired()).as("timed out waiting for " + what).isFalse();
            Thread.onSpinWait();
        }
    }

    @Test
    void namespacesThatComeAndGoBehindTheDriversBackAreFollowed() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            for (int round = 0; round < 20; round++) {
                int id = model.ssd().add(NvmeNamespace.of(4_096 + round, 4_096));
                await("the namespace to be offered", () -> devices(slot).size() == 2);
                BlockDevice device = device(slot, id);
                assertThat(device.blockCount()).isEqualTo(4_096 + round);
                assertThat(device.blockSize()).isEqualTo(4_096);
                device.write(0, ByteBuffer.allocate(4_096), soon());
                model.ssd().delete(id);
                await("the namespace to be withdrawn", () -> devices(slot).size() == 1);
                assertThatExceptionOfType(DeviceGoneException.class)
                        .isThrownBy(() -> device.read(0, ByteBuffer.allocate(4_096), soon()))
                        .withMessageContaining("detached or formatted");
            }
            assertThat(controller.recentEvents())
                    .extracting(NvmeEvent::kind)
                    .contains(NvmeEvent.Kind.NAMESPACE_ADDED, NvmeEvent.Kind.NAMESPACE_REMOVED);
            assertThat(slot.iommuFaults()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aNamespaceThatGrowsKeepsItsDeviceAndItsQueues() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            BlockDevice device = Ssd.device(slot);
            try (BlockQueue queue = device.openQueue(2)) {
                model.ssd().resize(1, 2L * Ssd.BLOCKS);
                await("the size to change", () -> device.blockCount() == 2L * Ssd.BLOCKS);
                assertThat(Ssd.device(slot)).isSameAs(device);
                await("the properties to change", () -> slot.context()
                        .properties()
                        .stream()
                        .anyMatch(p -> Long.valueOf(2L * Ssd.BLOCKS * 512).equals(p.get(BlockDevice.SIZE))));
                assertThat(queue.read(2L * Ssd.BLOCKS - 1, 1, queue.allocate(4096), 0, 1)).isTrue();
                queue.submit();
                assertThat(new Tally().drain(queue).count(BlockStatus.OK)).isEqualTo(1);
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void attachAndDetachHaveTheBlockDeviceFollowAtOnce() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            int id = model.ssd().create(NvmeNamespace.of(64, 512));
            assertThat(controller.namespaces(soon()))
                    .extracting(NamespaceSummary::nsid, NamespaceSummary::active)
                    .contains(org.assertj.core.groups.Tuple.tuple(id, false));
            controller.attach(id, soon());
            assertThat(names(slot)).contains("e000:01:00.0/n" + id);
            assertThat(device(slot, id).blockCount()).isEqualTo(64);
            controller.detach(id, soon());
            assertThat(names(slot)).doesNotContain("e000:01:00.0/n" + id);
            assertThatExceptionOfType(NvmeException.class)
                    .isThrownBy(() -> controller.detach(id, soon()))
                    .withMessageContaining("not attached");
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aNamespaceIsNotDetachedWhileARequestIsInFlightAndComesBack() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            slot.faults(new Fault.LostCompletion(1));
            BlockQueue queue = Ssd.queue(slot, 2);
            queue.read(0, 1, queue.allocate(4096), 0, 1);
            queue.submit();
            assertThatExceptionOfType(DeviceTimeoutException.class)
                    .isThrownBy(() -> controller.detach(1, Deadline.afterMillis(300)));
            await("the namespace to be offered again", () -> names(slot).contains("e000:01:00.0/n1"));
            slot.faults();
            queue.close();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void afterAFormatTheBlockDeviceIsAnotherWithTheNewBlockSize() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            BlockDevice before = Ssd.device(slot);
            LbaFormat large = controller.namespace(1, soon())
                    .formats()
                    .stream()
                    .filter(f -> f.blockSize() == 4_096 && f.metadataBytes() == 0)
                    .findFirst()
                    .orElseThrow();
            BlockQueue old = before.openQueue(2);
            controller.format(FormatRequest.of(1, large.index()).with(FormatRequest.Erase.USER_DATA), soon());
            BlockDevice after = devices(slot).getFirst();
            assertThat(after).isNotSameAs(before);
            assertThat(after.blockSize()).isEqualTo(4_096);
            assertThatExceptionOfType(DeviceGoneException.class)
                    .isThrownBy(() -> old.read(0, 1, old.allocate(4_096), 0, 1));
            old.close();
            ByteBuffer back = ByteBuffer.allocate(4_096).put(0, (byte) 1);
            after.read(0, back, soon());
            assertThat(back.get(0)).isZero();
            assertThatExceptionOfType(NvmeException.class)
                    .isThrownBy(() -> controller.format(FormatRequest.of(1, 15), soon()))
                    .withMessageContaining("invalid format");
            assertThat(devices(slot)).hasSize(1);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void warningsOfHealthAreReportedWithWhatTheLogSays() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            model.ssd().temperature(95);
            await("the warning", () -> hasEvent(controller, NvmeEvent.Kind.HEALTH));
            assertThat(controller.recentEvents())
                    .filteredOn(e -> e.kind() == NvmeEvent.Kind.HEALTH)
                    .first()
                    .satisfies(e -> assertThat(e.text()).contains("temperature").contains("95 degrees"));
            assertThat(controller.logs().health(soon()).celsius()).isEqualTo(95);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    private static boolean hasEvent(NvmeController controller, NvmeEvent.Kind kind) {
        return controller.recentEvents().stream().anyMatch(e -> e.kind() == kind);
    }

    @Test
    void propertiesOfADeviceNameItsNamespaceAndController() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            Map<String, Object> properties = slot.context().properties().getFirst();
            assertThat(properties).containsEntry(NvmeController.NSID, 1).containsKey(NvmeController.CONTROLLER_ID);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }
}
