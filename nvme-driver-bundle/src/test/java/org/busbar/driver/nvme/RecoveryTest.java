package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Fault;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.nvme.ControllerStatus;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeEvent;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;

/** Controllers that fail and are reset under those who use them. */
class RecoveryTest {

    private static Deadline soon() {
        return Deadline.afterMillis(30_000);
    }

    @Test
    void L5_aControllerThatFailsAgainAndAgainCostsNoRequestAndNoData() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            BlockQueue queue = Ssd.queue(slot, 128);
            CompletableFuture<Stamper> work = new CompletableFuture<>();
            Stamper stamper = new Stamper(queue, 128);
            Thread owner = Thread.ofPlatform().start(() -> stamper.runUntilStopped(work));
            for (int failure = 1; failure <= Integer.getInteger("busbar.test.failures", 50); failure++) {
                long progress = stamper.completed() + 300;
                await("requests to complete after failure " + failure,
                        () -> stamper.completed() > progress || work.isDone());
                model.ssd().fatal();
                if (failure % 2 == 0) { // otherwise the queue's owner notices
                    controller.logs().health(soon());
                }
                int number = failure;
                await("reset " + failure, () -> controller.status().resets() >= number || work.isDone());
            }
            stamper.stop();
            work.get(30, TimeUnit.SECONDS);
            owner.join();
            assertThat(stamper.wrongData()).isZero();
            assertThat(stamper.failed()).isZero();
            assertThat(stamper.completedTwice()).isZero();
            assertThat(queue.inFlight()).isZero();
            assertThat(controller.status().state()).isEqualTo(ControllerStatus.State.READY);
            assertThat(slot.context().failures()).isEmpty();
            assertThat(slot.iommuFaults()).isEmpty();
            queue.close();
            slot.remove(RemovalReason.DRIVER_LEFT);
            assertThat(slot.inUse()).isFalse();
        }
    }

    @Test
    void aResetOnRequestLeavesFeaturesNamespacesAndQueuesAsTheyWere() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            BlockDevice device = Ssd.device(slot);
            BlockQueue idle = Ssd.queue(slot, 4);
            controller.features().setTemperatureThreshold(0, false, 351, soon());
            device.write(5, ByteBuffer.allocate(512).put(0, (byte) 7), soon());
            for (int i = 1; i <= 5; i++) {
                controller.reset(soon());
                assertThat(controller.status().resets()).isEqualTo(i);
                assertThat(controller.status().state()).isEqualTo(ControllerStatus.State.READY);
            }
            assertThat(controller.features().temperatureThreshold(0, false, soon())).isEqualTo(351);
            ByteBuffer back = ByteBuffer.allocate(512);
            device.read(5, back, soon());
            assertThat(back.get(0)).isEqualTo((byte) 7);
            Tally tally = new Tally();
            idle.poll(tally, 1); // takes the new rings
            assertThat(idle.read(0, 1, idle.allocate(4096), 0, 42)).isTrue();
            idle.submit();
            assertThat(tally.drain(idle).count(BlockStatus.OK)).isEqualTo(1);
            idle.close();
            assertThat(controller.recentEvents())
                    .extracting(NvmeEvent::kind)
                    .filteredOn(kind -> kind == NvmeEvent.Kind.RESET_DONE)
                    .hasSize(5);
            assertThat(slot.context().published()).hasSize(2);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void L5_aCommandThatIsNeverAnsweredIsAbortedAndTheControllerResetAndAtLastTheBindingFails() throws Exception {
        try (TestSlot slot = Ssd.plugged()) {
            slot.probe(Ssd.driver(250));
            NvmeController controller = Ssd.controller(slot);
            slot.faults(new Fault.LostCompletion(1));
            for (int i = 0; slot.context().failures().isEmpty(); i++) {
                assertThat(i).isLessThan(60);
                assertThatExceptionOfType(BlockIOException.class)
                        .isThrownBy(() -> Ssd.device(slot)
                                .read(0, ByteBuffer.allocate(512), Deadline.afterMillis(1_000)))
                        .satisfies(e -> assertThat(e.status())
                                .isIn(BlockStatus.TIMED_OUT, BlockStatus.ABORTED));
            }
            assertThat(slot.context().failures())
                    .singleElement()
                    .satisfies(e -> assertThat(e).hasMessageContaining("could not be reset: 3 resets in a row"));
            assertThat(controller.status().resets()).isEqualTo(4);
            assertThat(controller.status().state()).isEqualTo(ControllerStatus.State.FAILED);
            slot.context().revoke();
            slot.removeSurprised();
        }
    }

    @Test
    void L5_aControllerThatDoesNotComeUpAgainFailsItsBindingAndEveryRequestEnds() throws Exception {
        NvmeModel model = new NvmeModel(new org.busbar.emulator.Card.Nvme(
                "TEST1",
                List.of(org.busbar.emulator.NvmeNamespace.of(Ssd.BLOCKS, 512)),
                new org.busbar.emulator.NvmeOptions(false, 1, 7, 16, 0, 1, java.util.Set.of())));
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            BlockQueue queue = Ssd.queue(slot, 8);
            slot.faults(new Fault.LostCompletion(1), new Fault.StuckReset());
            for (int tag = 0; tag < 8; tag++) {
                queue.read(tag, 1, queue.allocate(4096), 0, tag);
            }
            queue.submit();
            model.ssd().fatal();
            Tally tally = new Tally();
            Deadline deadline = Deadline.afterMillis(60_000);
            while (slot.context().failures().isEmpty() && !deadline.expired()) {
                assertThat(queue.poll(tally, 8)).isZero();
            }
            assertThat(slot.context().failures())
                    .singleElement()
                    .satisfies(e -> assertThat(e).hasMessageContaining("CSTS.CFS").hasMessageContaining("CSTS.RDY"));
            slot.context().revoke();
            tally.drain(queue).eachExactlyOnce(8);
            assertThat(tally.count(BlockStatus.GONE)).isEqualTo(8);
            slot.removeSurprised();
        }
    }

    @Test
    void aCommandThatOnlyReadsWaitsForTheEndOfAReset() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            List<CompletableFuture<Integer>> readers = new java.util.ArrayList<>();
            for (int i = 0; i < 4; i++) {
                readers.add(onThread(() -> {
                    int read = 0;
                    while (controller.status().resets() < 20) {
                        assertThat(controller.identify(1, 0, soon())).hasSize(4096);
                        read++;
                    }
                    return read;
                }));
            }
            for (int i = 1; i <= 20; i++) {
                int number = i;
                model.ssd().fatal();
                controller.logs().health(soon());
                await("reset " + i, () -> controller.status().resets() >= number);
            }
            for (CompletableFuture<Integer> reader : readers) {
                assertThat(reader.get(30, TimeUnit.SECONDS)).isPositive();
            }
            assertThat(slot.context().failures()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void L8_aCardThatIsPulledDuringAResetEndsEveryRequestOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            NvmeModel model = Ssd.model(512);
            try (TestSlot slot = new TestSlot(1, model)) {
                slot.probe(Ssd.driver(30_000));
                NvmeController controller = Ssd.controller(slot);
                BlockQueue queue = Ssd.queue(slot, 32);
                Tally tally = new Tally();
                for (int tag = 0; tag < 32; tag++) {
                    queue.read(tag, 1, queue.allocate(4096), 0, tag);
                }
                model.ssd().fatal();
                queue.submit();
                if (i % 2 == 0) {
                    await("the reset", () -> {
                        queue.poll(tally, 32);
                        return controller.status().resets() > 0;
                    });
                }
                slot.pull();
                slot.removeSurprised();
                tally.drain(queue).eachExactlyOnce(32);
                queue.close();
            }
        }
    }

    private static <T> CompletableFuture<T> onThread(java.util.concurrent.Callable<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try {
                done.complete(work.call());
            } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private static void await(String what, java.util.function.BooleanSupplier condition) {
        Deadline deadline = soon();
        while (!condition.getAsBoolean()) {
            assertThat(deadline.expired()).as("timed out waiting for " + what).isFalse();
            Thread.onSpinWait();
        }
    }
}
