package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.testkit.TestDma;
import org.junit.jupiter.api.Test;

/** What counts as being under way, and what does not: it decides who waits for what, and what is late. */
class UnderWayTest {

    private static final int NSID = 1;

    private final List<BlockStatus> ends = new ArrayList<>();
    private final BlockQueue.Completion completion = (tag, status) -> ends.add(status);

    private static void prepare(FakeController controller, long tag) {
        assertThat(controller.commands.prepare().plain(Opcode.FLUSH, NSID, 0, 0, 0, tag)).isTrue();
    }

    @Test
    void L5_whatWasPreparedForANamespaceThatIsNoMoreEndsGoneAndNeverReachesTheDevice() {
        try (FakeController controller = new FakeController(4, 60_000)) {
            prepare(controller, 1);
            controller.commands.submit();
            prepare(controller, 2);
            prepare(controller, 3);
            controller.commands.handover().retire();
            controller.commands.submit();
            assertThat(controller.fetch()).as("commands that the device has").isEqualTo(1);
            assertThat(controller.commands.hasCompletion()).isTrue();
            assertThat(controller.commands.poll(completion, 1)).isEqualTo(1);
            assertThat(controller.commands.poll(completion, 8)).isEqualTo(1);
            assertThat(ends).containsExactly(BlockStatus.GONE, BlockStatus.GONE);
            controller.complete(controller.take(0), 0);
            assertThat(controller.commands.poll(completion, 8)).isEqualTo(1);
            assertThat(ends).last().isEqualTo(BlockStatus.OK);
            assertThat(controller.commands.inFlight()).isZero();
        }
    }

    @Test
    void L5_commandsForANamespaceThatIsNoMoreAreNotSentAgainAfterAReset() {
        try (FakeController controller = new FakeController(4, 60_000)) {
            prepare(controller, 1);
            controller.commands.submit();
            controller.commands.handover().retire();
            controller.reset();
            for (int i = 0; i < 3; i++) {
                controller.commands.poll(completion, 8);
            }
            assertThat(ends).containsExactly(BlockStatus.GONE);
            assertThat(controller.fetch()).as("commands that the device has").isZero();
        }
    }

    @Test
    void aRequestThatIsNotHandedOverKeepsNoOtherFromBeingLate() {
        try (FakeController controller = new FakeController(4, 8)) {
            prepare(controller, 1);
            controller.commands.submit();
            controller.fetch();
            int late = controller.take(0);
            prepare(controller, 2);
            Deadline deadline = Deadline.afterMillis(20_000);
            while (controller.context.failures().isEmpty() && !deadline.expired()) {
                controller.commands.checkHealth();
            }
            assertThat(controller.aborted).containsExactly(late);
        }
    }

    @Test
    void shortWaitsDoNotHideALateCommand() throws Exception {
        try (FakeController controller = new FakeController(4, 8)) {
            Waiter waiter = new Waiter(new Signal(Optional::empty), QueueOptions.Waiting.INTERRUPT, false);
            prepare(controller, 1);
            controller.commands.submit();
            controller.fetch();
            int waits = 0;
            while (controller.aborted.isEmpty() && waits < 500) {
                waits++;
                assertThatExceptionOfType(DeviceTimeoutException.class)
                        .isThrownBy(() -> waiter.await(controller.commands, Deadline.afterMillis(5)));
            }
            assertThat(controller.aborted).hasSize(1);
        }
    }

    @Test
    void whoeverHasNothingInFlightWaitsUntilRequestsAreTakenAgain() throws Exception {
        try (FakeController controller = new FakeController(4, 60_000)) {
            Waiter waiter = new Waiter(new Signal(Optional::empty), QueueOptions.Waiting.INTERRUPT, false);
            waiter.await(controller.commands, Deadline.afterMillis(20_000));
            controller.gate.pause();
            assertThatExceptionOfType(DeviceTimeoutException.class)
                    .isThrownBy(() -> waiter.await(controller.commands, Deadline.afterMillis(10)));
            controller.gate.resume();
            waiter.await(controller.commands, Deadline.afterMillis(20_000));
        }
    }

    @Test
    void aRequestWhoseCallerHasGivenUpIsUnderWayUntilTheDeviceHasEndedIt() {
        try (FakeController controller = new FakeController(4, 60_000); TestDma dma = new TestDma()) {
            BlockingIo blocking = new BlockingIo(
                    controller.commands, dma.allocate(4 * BlockingIo.SLOT_BYTES), controller.gate, false);
            AtomicInteger ended = new AtomicInteger();
            assertThatExceptionOfType(BlockIOException.class)
                    .isThrownBy(() -> blocking.run(new Flush(), ended::incrementAndGet, Deadline.afterMillis(10)))
                    .withMessageContaining("may still take effect");
            blocking.look();
            assertThat(ended).hasValue(0);
            controller.fetch();
            controller.complete(controller.take(0), 0);
            blocking.look();
            assertThat(ended).hasValue(1);
            assertThat(controller.commands.inFlight()).isZero();
        }
    }

    private static final class Flush implements BlockingIo.Request {

        @Override
        public String text() {
            return "flush";
        }

        @Override
        public boolean prepare(NvmCommands commands, long address, long tag) {
            return commands.plain(Opcode.FLUSH, NSID, 0, 0, 0, tag);
        }
    }
}
