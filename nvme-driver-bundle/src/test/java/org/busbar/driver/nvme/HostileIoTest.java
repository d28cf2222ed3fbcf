package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
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
import org.busbar.nvme.NvmeEvent;
import org.busbar.testkit.TestSlot;

/** A controller that lies about I/O commands. */
class HostileIoTest {

    private static final int REQUESTS = 400;
    private static final int DEPTH = 16;

    /** What a controller may say that is not so, and what of it is reported: by a reset, or by an abort that has helped. */
    private enum Lie {
        GARBAGE_COMPLETION("which is not in flight|not answered within 100 ms|goes unanswered") {
            @Override
            NvmeFault fault(int number, long seed) {
                return new NvmeFault.GarbageCompletion(Queues.IO, 1 + number % 20, seed);
            }
        },
        GARBAGE_HEAD("queue \\d+ completed command \\d+, which is not in flight") {
            @Override
            NvmeFault fault(int number, long seed) {
                return new NvmeFault.GarbageHead(Queues.IO, seed);
            }
        },
        NOBODYS_IDENTIFIER("queue \\d+ completed command \\d{5}, which is not in flight") {
            @Override
            NvmeFault fault(int number, long seed) {
                return new NvmeFault.WrongIdentifier(Queues.IO, 1 + number, 0x8000 | (int) seed & 0x7fff);
            }
        },
        ANOTHERS_IDENTIFIER("queue \\d+ completed command 1[2-5], which is not in flight") {
            @Override
            NvmeFault fault(int number, long seed) { // the first identifiers are 0 to 15
                return new NvmeFault.WrongIdentifier(Queues.IO, 1 + number % 10, 12 + (int) (seed & 3));
            }
        },
        WRONG_PHASE("not answered within 100 ms, and Abort did not end it") {
            @Override
            NvmeFault fault(int number, long seed) {
                return new NvmeFault.WrongPhase(Queues.IO, 1 + number);
            }
        },
        COMPLETED_TWICE("queue \\d+ completed command \\d+, which is not in flight") {
            @Override
            NvmeFault fault(int number, long seed) {
                return new NvmeFault.CompletedTwice(Queues.IO, 1 + number);
            }
        },
        NEVER_COMPLETED("command \\d+ goes unanswered and is aborted") {
            @Override
            NvmeFault fault(int number, long seed) {
                return new NvmeFault.NeverCompleted(Queues.IO, 1 + number);
            }
        },
        FATAL("reports a fatal status \\(CSTS.CFS\\)") {
            @Override
            NvmeFault fault(int number, long seed) {
                return new NvmeFault.Fatal(Queues.IO, 1 + number);
            }
        };

        private final Pattern report;

        Lie(String report) {
            this.report = Pattern.compile(report);
        }

        abstract NvmeFault fault(int number, long seed);
    }

    @Property(tries = 4)
    void L5_whateverItSaysOfCommandsEachRequestEndsOnceAndTheReportSaysWhatHappened(
            @ForAll @IntRange(max = 60) int number, @ForAll long seed) throws Exception {
        for (Lie lie : Lie.values()) {
            isReported(lie, lie.fault(number, seed));
        }
    }

    private static void isReported(Lie lie, NvmeFault fault) throws Exception {
        try (TestSlot slot = Ssd.plugged()) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            QueueOptions options = QueueOptions.depth(DEPTH).withTimeout(Duration.ofMillis(100));
            BlockQueue queue = Ssd.device(slot).openQueue(options);
            MemorySegment buffer = queue.allocate(DEPTH * 4096);
            slot.faults(fault);
            Tally tally = new Tally();
            int accepted = run(queue, buffer, tally, slot);
            assertThat(reports(controller))
                    .as("reports of %s", fault.words())
                    .anySatisfy(text -> assertThat(text).containsPattern(lie.report));
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

    /** Why the controller was reset, and what was aborted. */
    private static List<String> reports(NvmeController controller) {
        return controller.recentEvents()
                .stream()
                .filter(event -> event.kind() == NvmeEvent.Kind.RESET_STARTED || event.kind() == NvmeEvent.Kind.ABORT)
                .map(NvmeEvent::text)
                .toList();
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
