package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.NvmeFault;
import org.busbar.emulator.NvmeFault.Queues;
import org.busbar.nvme.NvmeController;
import org.busbar.testkit.TestSlot;

/** A controller that lies about I/O commands. */
class HostileIoTest {

    private static final int REQUESTS = 400;
    private static final int DEPTH = 16;

    private static List<NvmeFault> lies(int number, long seed) {
        return List.of(
                new NvmeFault.GarbageCompletion(Queues.IO, 1 + number % 20, seed),
                new NvmeFault.GarbageHead(Queues.IO, seed),
                new NvmeFault.WrongIdentifier(Queues.IO, 1 + number, (int) seed & 0xffff),
                new NvmeFault.WrongPhase(Queues.IO, 1 + number),
                new NvmeFault.CompletedTwice(Queues.IO, 1 + number),
                new NvmeFault.NeverCompleted(Queues.IO, 1 + number),
                new NvmeFault.Fatal(Queues.IO, 1 + number));
    }

    @Property(tries = 20)
    void L5_whateverItSaysOfCommandsEachRequestEndsOnceAndItIsReported(
            @ForAll @IntRange(max = 6) int lie, @ForAll @IntRange(max = 60) int number, @ForAll long seed)
            throws Exception {
        try (TestSlot slot = Ssd.plugged()) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            QueueOptions options = QueueOptions.depth(DEPTH).withTimeout(Duration.ofMillis(100));
            BlockQueue queue = Ssd.device(slot).openQueue(options);
            MemorySegment buffer = queue.allocate(DEPTH * 4096);
            NvmeFault fault = lies(number, seed).get(lie);
            slot.faults(fault);
            Tally tally = new Tally();
            int accepted = run(queue, buffer, tally, slot);
            assertThat(controller.status().resets()
                    + controller.status().aborts()
                    + slot.context().failures().size())
                    .as("resets and aborts for %s", fault.words())
                    .isPositive();
            if (slot.context().failures().isEmpty()) {
                tally.drain(queue).eachExactlyOnce(accepted);
                assertThat(tally.count(BlockStatus.GONE)).isZero();
                queue.close();
                slot.remove(RemovalReason.DRIVER_LEFT);
            } else { // nothing has helped: the core removes the binding
                slot.context().revoke();
                slot.removeSurprised();
                tally.drain(queue).eachExactlyOnce(accepted);
                queue.close();
            }
            assertThat(slot.iommuFaults()).isEmpty();
            assertThat(slot.inUse()).isFalse();
        }
    }

    /** Reads until it has had enough, then heals the controller and waits for what is in flight, or for the end. */
    private static int run(BlockQueue queue, MemorySegment buffer, Tally tally, TestSlot slot)
            throws InterruptedException {
        int accepted = 0;
        try {
            Deadline deadline = Deadline.afterMillis(60_000);
            while (slot.context().failures().isEmpty() && !deadline.expired()) {
                while (accepted < REQUESTS
                        && queue.read(accepted % 1000, 8, buffer, accepted % DEPTH * 4096L, accepted)) {
                    accepted++;
                }
                queue.submit();
                queue.poll(tally, DEPTH);
                if (Ssd.controller(slot).status().resets() > 1) {
                    slot.faults();
                }
                if (accepted == REQUESTS && queue.inFlight() == 0) {
                    break;
                }
                if (queue.inFlight() > 0) {
                    await(queue);
                }
            }
        } catch (DeviceGoneException e) {
            assertThat(slot.context().failures()).isNotEmpty();
        }
        return accepted;
    }

    private static void await(BlockQueue queue) throws InterruptedException {
        try {
            queue.await(Deadline.afterMillis(20));
        } catch (DeviceTimeoutException e) {
            assertThat(queue.inFlight()).isPositive();
        }
    }
}
