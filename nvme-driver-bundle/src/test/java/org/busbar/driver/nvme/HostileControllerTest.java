package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.ProbeException;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NvmeFault;
import org.busbar.emulator.NvmeFault.Queues;
import org.busbar.nvme.HealthLog;
import org.busbar.nvme.NamespaceIdentity;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmeStatus;
import org.busbar.testkit.TestSlot;

/**
 * Controllers that lie: whatever they say, nothing but the exceptions that the contracts name leaves the driver, nothing
 * outside its memory is touched, and somebody is told.
 */
class HostileControllerTest {

    private static Deadline soon() {
        return Deadline.afterMillis(20_000);
    }

    @Property(tries = 60)
    void L5_randomIdentifyDataEitherFailsTheProbeOrIsLivedWith(@ForAll long seed) throws Exception {
        try (TestSlot slot = Ssd.plugged()) {
            slot.faults(new NvmeFault.GarbageIdentify(seed));
            boolean bound = probe(slot);
            if (bound) {
                use(slot);
                slot.context().revoke();
                slot.removeSurprised();
            } else {
                slot.context().revoke();
                slot.context().release();
            }
            assertThat(slot.inUse()).isFalse();
            assertThat(slot.iommuFaults()).isEmpty();
        }
    }

    private static boolean probe(TestSlot slot) throws InterruptedException {
        try {
            slot.probe(Ssd.driver(300));
            return true;
        } catch (ProbeException refused) {
            assertThat(refused).message().isNotBlank();
            return false;
        }
    }

    /** Uses whatever the driver has published, and lets it fail in the ways that the contracts allow. */
    private static void use(TestSlot slot) throws InterruptedException {
        for (Object service : slot.context().published()) {
            try {
                switch (service) {
                    case BlockDevice device -> {
                        assertThat(device.blockCount()).isPositive();
                        device.read(0, ByteBuffer.allocate(device.blockSize()), Deadline.afterMillis(300));
                    }
                    case NvmeController controller -> {
                        assertThat(controller.identity().model()).matches("[ -~]*");
                        controller.namespaces(soon());
                        controller.logs().health(soon());
                        controller.logs().errors(64, soon());
                        controller.logs().firmware(soon());
                    }
                    default -> throw new AssertionError("nobody expects " + service);
                }
            } catch (IOException | DeviceTimeoutException | DeviceGoneException allowed) {
                assertThat(allowed).message().isNotBlank();
            }
        }
    }

    @Property(tries = 30)
    void L5_namespacesWhoseDescriptionTurnsIntoGarbageAreWithdrawnOrRefusedAndTheControllerLivesOn(@ForAll long seed)
            throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            slot.faults(new NvmeFault.GarbageIdentify(seed), new NvmeFault.GarbageLogs(seed));
            use(slot);
            try {
                controller.detach(1, soon());
            } catch (NvmeException | UnsupportedOperationException allowed) {
                assertThat(allowed).message().isNotBlank();
            }
            use(slot);
            slot.faults();
            assertThat(controller.identify(1, 0, soon())).hasSize(4096);
            assertThat(slot.iommuFaults()).isEmpty();
            slot.context().revoke();
            slot.removeSurprised();
        }
    }

    @Property(tries = 10)
    void L5_randomAdminCompletionsAreReportedAndTheControllerIsResetOrGivenUp(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int every) throws Exception {
        try (TestSlot slot = Ssd.plugged()) {
            slot.probe(Ssd.driver(200));
            NvmeController controller = Ssd.controller(slot);
            slot.faults(new NvmeFault.GarbageCompletion(Queues.ADMIN, every, seed));
            for (int i = 0; i < 8; i++) {
                try {
                    controller.identify(1, 0, Deadline.afterMillis(400));
                } catch (NvmeException | DeviceTimeoutException | DeviceGoneException allowed) {
                    assertThat(allowed).message().isNotBlank();
                }
            }
            assertThat(controller.status().strayCompletions() + controller.status().aborts()
                    + controller.status().resets() + slot.context().failures().size()
                    + controller.recentEvents().size())
                    .as("reports of a controller whose completions are random")
                    .isPositive();
            assertThat(slot.iommuFaults()).isEmpty();
            slot.context().revoke();
            slot.removeSurprised();
            assertThat(slot.inUse()).isFalse();
        }
    }

    @Example
    void L5_aControllerThatCompletesTwiceIsResetAndReported() throws Exception {
        for (Queues queues : Queues.values()) {
            try (TestSlot slot = Ssd.bound()) {
                NvmeController controller = Ssd.controller(slot);
                slot.faults(new NvmeFault.CompletedTwice(queues, 1));
                controller.identify(1, 0, soon());
                Ssd.device(slot).read(0, ByteBuffer.allocate(512), soon());
                Ssd.device(slot).read(0, ByteBuffer.allocate(512), soon());
                Deadline deadline = soon();
                while (controller.status().resets() == 0) {
                    assertThat(deadline.expired()).as("timed out waiting for the reset").isFalse();
                    Thread.onSpinWait();
                }
                assertThat(controller.status().strayCompletions()).isPositive();
                Ssd.device(slot).read(0, ByteBuffer.allocate(512), soon());
                assertThat(slot.context().failures()).isEmpty();
                slot.remove(org.busbar.device.RemovalReason.DRIVER_LEFT);
            }
        }
    }

    @Example
    void L5_anAdminCommandThatIsNeverAnsweredIsAbortedAndThoseAfterItAreAnswered() throws Exception {
        for (Fault[] faults : new Fault[][] {
            {new NvmeFault.NeverCompleted(Queues.ADMIN, 1)},
            {new NvmeFault.NeverCompleted(Queues.ADMIN, 1), new NvmeFault.UselessAbort()}
        }) {
            try (TestSlot slot = Ssd.plugged()) {
                slot.probe(Ssd.driver(200));
                NvmeController controller = Ssd.controller(slot);
                slot.faults(faults);
                try {
                    controller.logs().health(Deadline.afterMillis(100));
                    throw new AssertionError("it was answered");
                } catch (DeviceTimeoutException expected) {
                    assertThat(expected).hasMessageContaining("Get Log Page");
                }
                assertThat(controller.status().aborts()).isEqualTo(1);
                assertThat(controller.identify(1, 0, soon())).hasSize(4096);
                if (faults.length == 2) {
                    Deadline deadline = soon();
                    while (controller.status().resets() == 0) {
                        assertThat(deadline.expired()).as("timed out waiting for the reset").isFalse();
                        Thread.onSpinWait();
                    }
                    assertThat(controller.identify(1, 0, soon())).hasSize(4096);
                }
                assertThat(slot.context().failures()).isEmpty();
                slot.remove(org.busbar.device.RemovalReason.DRIVER_LEFT);
            }
        }
    }

    @Property(tries = 500)
    void anyPageCanBeRead(@ForAll @Size(4096) byte[] page) {
        Fields fields = Fields.of(page);
        NamespaceIdentity namespace = NamespacePage.parse(1, fields, fields);
        assertThat(namespace.formats()).hasSizeBetween(1, 64);
        new NamespaceInfo(namespace, CopyLimits.parse(fields.page())).unsupported(1 << 20);
        assertThat(ControllerPage.parse(fields, 12, 0x10400).serial()).matches("[ -~]*");
        HealthLog health = LogPages.health(fields);
        assertThat(health.unitsRead()).isNotNegative();
        assertThat(LogPages.errors(fields, 64)).hasSizeLessThanOrEqualTo(64);
        assertThat(LogPages.firmware(fields).revisions()).hasSize(7);
    }

    @Property
    void anyStatusHasAText(@ForAll @IntRange(min = 0, max = 0x7fff) int field) {
        NvmeStatus status = NvmeStatus.ofField(field);
        assertThat(status.text()).isNotBlank();
        assertThat(status.typeAndCode()).isEqualTo(field & 0x7ff);
        assertThat(status.doNotRetry()).isEqualTo((field & 0x4000) != 0);
    }
}
