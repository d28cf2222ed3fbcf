package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.List;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.nvme.ControllerIdentity.Capability;
import org.busbar.nvme.ControllerStatus;
import org.busbar.nvme.HealthLog;
import org.busbar.nvme.InterruptCoalescing;
import org.busbar.nvme.NamespaceSummary;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmeFeatures.Select;
import org.busbar.nvme.NvmeLogs;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;

/** What applications can ask of a controller. */
class ControllerServiceTest {

    private static Deadline soon() {
        return Deadline.afterMillis(20_000);
    }

    @Test
    void aControllerIsPublishedWithWhatItSaysOfItself() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            assertThat(controller.name()).isEqualTo("e000:01:00.0");
            assertThat(controller.identity().serial()).isEqualTo("TEST1");
            assertThat(controller.identity().version()).startsWith("1.");
            assertThat(controller.identity().has(Capability.WRITE_CACHE)).isTrue();
            assertThat(controller.identity().powerStates()).isNotEmpty();
            assertThat(controller.status().state()).isEqualTo(ControllerStatus.State.READY);
            assertThat(controller.status().ioQueuesOpen()).isEqualTo(1);
            assertThat(slot.context().properties())
                    .anySatisfy(properties -> assertThat(properties)
                            .containsEntry(NvmeController.SERIAL, "TEST1")
                            .containsEntry(NvmeController.ADDRESS, "e000:01:00.0"));
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void identifyDataCanBeReadRawAndRead() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            byte[] raw = controller.identify(1, 0, soon());
            assertThat(raw).hasSize(4096);
            assertThat(new String(raw, 4, 5, java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("TEST1");
            List<NamespaceSummary> namespaces = controller.namespaces(soon());
            assertThat(namespaces).singleElement().satisfies(namespace -> {
                assertThat(namespace.nsid()).isEqualTo(1);
                assertThat(namespace.active()).isTrue();
                assertThat(namespace.device()).contains("e000:01:00.0/n1");
                assertThat(namespace.identity().orElseThrow().blocks()).isEqualTo(Ssd.BLOCKS);
                assertThat(namespace.identity().orElseThrow().lbaFormat().blockSize()).isEqualTo(512);
                assertThat(namespace.identity().orElseThrow().eui64()).isPresent();
            });
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void logPagesAreReadWithoutDisturbingIo() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            BlockDevice device = Ssd.device(slot);
            device.read(0, ByteBuffer.allocate(4096), soon());
            HealthLog health = controller.logs().health(soon());
            assertThat(health.celsius()).isBetween(0, 80);
            assertThat(health.spare()).isEqualTo(100);
            assertThat(health.warnings()).isEmpty();
            assertThat(health.readCommands().longValueExact()).isEqualTo(1);
            assertThat(controller.logs().firmware(soon()).active()).isEqualTo(1);
            assertThat(controller.logs().read(NvmeLogs.SMART, NvmeController.ALL_NAMESPACES, 0, 0, 512, soon()))
                    .hasSize(512);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void anErrorOfTheControllerComesWithItsStatusAndIsInItsLog() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            assertThatExceptionOfType(NvmeException.class)
                    .isThrownBy(() -> controller.logs().read(0xee, 0, 0, 0, 512, soon()))
                    .withMessageContaining("no such log page")
                    .withMessageContaining("4.6.1.2.2")
                    .satisfies(e -> assertThat(e.status().typeAndCode()).isEqualTo(0x109));
            assertThat(controller.logs().errors(4, soon())).first().satisfies(entry -> {
                assertThat(entry.submissionQueue()).isZero();
                assertThat(entry.status().typeAndCode()).isEqualTo(0x109);
            });
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void featuresAreReadAndSet() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            controller.features().setTemperatureThreshold(0, false, 350, soon());
            assertThat(controller.features().temperatureThreshold(0, false, soon())).isEqualTo(350);
            controller.features().setInterruptCoalescing(new InterruptCoalescing(4, 2), soon());
            assertThat(controller.features().interruptCoalescing(soon())).isEqualTo(new InterruptCoalescing(4, 2));
            controller.features().setWriteCache(false, soon());
            assertThat(controller.features().writeCache(soon())).isFalse();
            assertThat(controller.features().get(6, Select.DEFAULT, 0, 0, soon()) & 1).isEqualTo(1);
            assertThat(controller.features().powerState(soon())).isZero();
            controller.features().setPowerState(2, soon());
            assertThat(controller.features().powerState(soon())).isEqualTo(2);
            controller.features().setPowerState(4, soon()); // which a request ends
            Ssd.device(slot).read(0, ByteBuffer.allocate(512), soon());
            assertThat(controller.features().powerState(soon())).isEqualTo(2);
            controller.reset(soon());
            assertThat(controller.features().powerState(soon())).as("after a reset, as it was set").isEqualTo(4);
            assertThatExceptionOfType(NvmeException.class)
                    .isThrownBy(() -> controller.features().setPowerState(5, soon()))
                    .satisfies(e -> assertThat(e.status().typeAndCode()).isEqualTo(0x02)); // there are five
            assertThatIllegalArgumentException().isThrownBy(() -> controller.features().setPowerState(32, soon()));
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void theDriversOwnFeaturesAreNotForOthers() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> controller.features().set(7, 0, 0, 0, false, new byte[0], soon()))
                    .withMessageContaining("driver's own");
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void manyThreadsUseTheAdminQueueAtOnce() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            List<Thread> threads = new java.util.ArrayList<>();
            java.util.Queue<Throwable> failures = new java.util.concurrent.ConcurrentLinkedQueue<>();
            java.util.concurrent.atomic.AtomicInteger done = new java.util.concurrent.atomic.AtomicInteger();
            for (int i = 0; i < 80; i++) { // more than the queue holds
                threads.add(Thread.startVirtualThread(() -> {
                    try {
                        assertThat(controller.identify(1, 0, soon())).hasSize(4096);
                        done.incrementAndGet();
                    } catch (Exception | AssertionError e) {
                        failures.add(e);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failures).isEmpty();
            assertThat(done).hasValue(80);
            assertThat(slot.context().failures()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }
}
