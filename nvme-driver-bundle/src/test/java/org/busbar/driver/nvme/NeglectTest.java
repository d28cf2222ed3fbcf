package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.NvmeFault;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.nvme.ControllerStatus;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeController;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;

/** Callers who give up, are interrupted or misled: whatever was begun comes to an end, and nothing stays taken. */
class NeglectTest {

    private static final NvmeCommand READ = NvmeCommand.of(0x02, 1);

    private static Deadline soon() {
        return Deadline.afterMillis(30_000);
    }

    @Test
    void L5_aRawCommandThatIsGivenUpIsAbortedByTheAdminQueue() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            slot.faults(new NvmeFault.NeverCompleted(NvmeFault.Queues.IO, 1));
            assertThatExceptionOfType(DeviceTimeoutException.class)
                    .isThrownBy(() -> controller
                            .passthrough()
                            .io(READ, ByteBuffer.allocate(512), Deadline.afterMillis(100)));
            assertThat(controller.status().aborts()).isEqualTo(1);
            ByteBuffer data = ByteBuffer.allocate(512);
            assertThat(controller.passthrough().io(READ, data, soon()).status().isSuccess()).isTrue();
            // To the I/O queue, Abort would have been Write Zeroes: to no namespace, and the controller would have noted that.
            assertThat(controller.logs().errors(4, soon())).noneMatch(error -> error.status().typeAndCode() == 0x0b);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void L5_aRawCommandThatCannotBeAbortedHasTheControllerReset() throws Exception {
        try (TestSlot slot = Ssd.plugged()) {
            slot.probe(Ssd.driver(1_000));
            NvmeController controller = Ssd.controller(slot);
            slot.faults(new NvmeFault.NeverCompleted(NvmeFault.Queues.IO, 1), new NvmeFault.UselessAbort());
            assertThatExceptionOfType(DeviceTimeoutException.class)
                    .isThrownBy(() -> controller
                            .passthrough()
                            .io(READ, ByteBuffer.allocate(512), Deadline.afterMillis(100)));
            await("the reset", () -> controller.status().resets() > 0);
            slot.faults();
            ByteBuffer data = ByteBuffer.allocate(512);
            assertThat(controller.passthrough().io(READ, data, soon()).status().isSuccess()).isTrue();
            await("the end of the reset", () -> controller.status().state() == ControllerStatus.State.READY);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void rawCommandsThatHaveMethodsOfTheirOwnAreRefused() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            for (int opcode : new int[] {Opcode.FORMAT_NVM, Opcode.NAMESPACE_ATTACHMENT}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> controller.passthrough().admin(NvmeCommand.of(opcode, 1), null, soon()));
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void L5_aThreadThatIsInterruptedClosesItsQueueAllTheSame() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            for (int round = 0; round < 10; round++) { // of 8 queues
                BlockQueue queue = Ssd.queue(slot, 2);
                Thread.currentThread().interrupt();
                queue.close();
                assertThat(Thread.interrupted()).isTrue();
                assertThat(Ssd.controller(slot).status().ioQueuesOpen()).isEqualTo(1);
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aDetachThatRunsOutOfTimeGivesTheBlockDeviceBack() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            BlockDevice before = Ssd.device(slot);
            BlockQueue queue = before.openQueue(1);
            queue.read(0, 1, queue.allocate(512), 0, 1);
            queue.submit(); // and nobody polls
            assertThatExceptionOfType(DeviceTimeoutException.class)
                    .isThrownBy(() -> controller.detach(1, Deadline.afterMillis(100)));
            await("the block device to be offered again", () -> slot.context()
                    .published()
                    .stream()
                    .anyMatch(service -> service instanceof BlockDevice && service != before));
            new Tally().drain(queue).eachExactlyOnce(1);
            queue.close();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aDetachWhoseCallerHasGivenUpWaitingForItsTurnIsNotDone() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            slot.faults(new NvmeFault.SlowAdmin(Duration.ofMillis(500)));
            long before = model.ssd().submissionDoorbells(0);
            CompletableFuture<Void> busy = CompletableFuture.runAsync(() -> attach(controller));
            await("the duty before", () -> model.ssd().submissionDoorbells(0) > before);
            assertThatExceptionOfType(DeviceTimeoutException.class)
                    .isThrownBy(() -> controller.detach(1, Deadline.afterMillis(50)));
            slot.faults();
            busy.get(30, TimeUnit.SECONDS);
            attach(controller); // after which the other's turn has been
            assertThat(model.ssd().namespaces()).allMatch(namespace -> namespace.attached());
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    private static void attach(NvmeController controller) {
        try {
            controller.attach(1, soon());
            throw new AssertionError("the namespace was not attached any more");
        } catch (org.busbar.nvme.NvmeException expected) {
            assertThat(expected.status().typeAndCode()).isEqualTo(0x118); // it is attached
        } catch (DeviceTimeoutException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void L5_eventsAreHeardAfterAnyNumberThatMadeNoSense() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            slot.faults(new NvmeFault.GarbageIdentify(1));
            for (int i = 1; i <= 6; i++) { // more than there are requests
                int number = i;
                model.ssd().resize(1, Ssd.BLOCKS + i);
                await("event " + i, () -> controller.recentEvents()
                        .stream()
                        .filter(event -> event.text().contains("could not be read"))
                        .count() >= number);
            }
            slot.faults();
            model.ssd().resize(1, Ssd.BLOCKS - 1);
            await("the namespace's size", () -> Ssd.controller(slot) == controller
                    && slot.context()
                            .published()
                            .stream()
                            .anyMatch(service -> service instanceof BlockDevice device
                                    && device.blockCount() == Ssd.BLOCKS - 1));
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        Deadline deadline = soon();
        while (!condition.getAsBoolean()) {
            assertThat(deadline.expired()).as("timed out waiting for " + what).isFalse();
            Thread.onSpinWait();
        }
    }
}
