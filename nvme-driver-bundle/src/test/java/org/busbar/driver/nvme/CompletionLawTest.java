package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.DeviceGoneException;
import org.junit.jupiter.api.Test;

/** Every request that was accepted ends exactly once, whatever the controller does and however often it is reset. */
class CompletionLawTest {

    private static final int NSID = 1;

    /** Counts ends, and knows what may end. */
    private static final class Ledger implements BlockQueue.Completion {
        private final Set<Long> open = new HashSet<>();
        private final Set<BlockStatus> seen = new HashSet<>();
        private long next;

        @Override
        public void completed(long tag, BlockStatus status) {
            assertThat(open.remove(tag)).as("request %d is in flight", tag).isTrue();
            seen.add(status);
        }

        boolean submit(FakeController controller, Random random) {
            long tag = next;
            boolean accepted = controller.commands.prepare().plain(Opcode.FLUSH, NSID, 0, 0, 0, tag);
            if (accepted) {
                next++;
                open.add(tag);
                if (random.nextInt(3) > 0) {
                    controller.commands.submit();
                }
            }
            assertThat(controller.commands.inFlight()).isEqualTo(open.size());
            return accepted;
        }
    }

    @Property(tries = 500)
    void L8_everyRequestEndsOnceThroughAnyOrderOfCompletionsResetsAndTheEnd(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int depth) {
        Random random = new Random(seed);
        try (FakeController controller = new FakeController(depth, 60_000)) {
            Ledger ledger = new Ledger();
            for (int step = 0; step < 300; step++) {
                switch (random.nextInt(20)) {
                    case 0 -> resetOneStepAtATime(controller, ledger, random);
                    case 1, 2, 3, 4, 5, 6 -> ledger.submit(controller, random);
                    case 7, 8 -> controller.commands.submit();
                    case 9, 10, 11, 12 -> {
                        int fetched = controller.fetch();
                        if (fetched > 0 && controller.hasRoom()) {
                            controller.complete(controller.take(random.nextInt(fetched)), 0);
                        }
                    }
                    default -> {
                        int max = 1 + random.nextInt(4);
                        assertThat(controller.commands.poll(ledger, max)).isBetween(0, max);
                    }
                }
            }
            assertThat(controller.context.failures()).isEmpty();
            if (random.nextBoolean()) {
                finish(controller, ledger);
                assertThat(ledger.seen).isSubsetOf(BlockStatus.OK, BlockStatus.ABORTED);
            } else {
                controller.gate.shut();
                while (controller.commands.poll(ledger, 3) > 0) {
                    assertThat(controller.commands.inFlight()).isEqualTo(ledger.open.size());
                }
            }
            assertThat(ledger.open).isEmpty();
        }
    }

    /** The owner may come by at any moment of a reset. */
    private static void resetOneStepAtATime(FakeController controller, Ledger ledger, Random random) {
        List<Runnable> steps = List.of(controller.gate::pause, controller::renew, controller.gate::resume);
        for (Runnable step : steps) {
            step.run();
            if (random.nextBoolean()) {
                ledger.submit(controller, random);
            }
            if (random.nextBoolean()) {
                assertThat(controller.commands.poll(ledger, 2)).isBetween(0, 2);
            }
        }
    }

    /** A controller that is well answers everything. */
    private static void finish(FakeController controller, Ledger ledger) {
        controller.commands.submit();
        for (int round = 0; round < 10_000 && !ledger.open.isEmpty(); round++) {
            while (controller.fetch() > 0 && controller.hasRoom()) {
                controller.complete(controller.take(0), 0);
            }
            controller.commands.poll(ledger, 64);
        }
    }

    @Property(tries = 500)
    void L5_garbageInTheCompletionRingIsReportedAndNothingEndsTwice(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int depth) {
        Random random = new Random(seed);
        try (FakeController controller = new FakeController(depth, 60_000)) {
            Ledger ledger = new Ledger();
            for (int step = 0; step < 300; step++) {
                switch (random.nextInt(12)) {
                    case 0 -> controller.reset();
                    case 1, 2, 3 -> ledger.submit(controller, random);
                    case 4 -> controller.commands.submit();
                    case 5 -> controller.write(
                            random.nextInt(controller.completionEntries()), random.nextInt(), random.nextInt());
                    case 6 -> controller.post(random.nextInt(64), 0, FakeController.QUEUE << 16, random.nextInt(2));
                    case 7 -> {
                        int fetched = controller.fetch();
                        if (fetched > 0) { // right, but perhaps over what was not taken, or twice
                            int identifier = controller.take(random.nextInt(fetched));
                            controller.complete(identifier, random.nextInt(1 << 15));
                            if (random.nextInt(4) == 0) {
                                controller.complete(identifier, 0);
                            }
                        }
                    }
                    default -> {
                        int max = 1 + random.nextInt(4);
                        assertThat(controller.commands.poll(ledger, max)).isBetween(0, max);
                    }
                }
            }
            controller.gate.shut();
            while (controller.commands.poll(ledger, 3) > 0) {
                assertThat(controller.commands.inFlight()).isEqualTo(ledger.open.size());
            }
            assertThat(ledger.open).isEmpty();
            assertThat(controller.context.failures()).allSatisfy(failure -> assertThat(failure)
                    .hasMessageContaining("queue 1")
                    .hasMessageContaining("not in flight"));
        }
    }

    @Test
    void L5_aCommandThatIsCompletedTwiceIsReportedAlsoWhenItsSlotIsInUseAgain() {
        try (FakeController controller = new FakeController(1, 60_000)) {
            Ledger ledger = new Ledger();
            Random always = new Random(1);
            ledger.submit(controller, always);
            controller.commands.submit();
            controller.fetch();
            int identifier = controller.take(0);
            controller.complete(identifier, 0);
            assertThat(controller.commands.poll(ledger, 8)).isEqualTo(1);
            ledger.submit(controller, always);
            controller.commands.submit();
            controller.complete(identifier, 0);
            assertThat(controller.commands.poll(ledger, 8)).isZero();
            assertThat(controller.context.failures()).singleElement()
                    .satisfies(failure -> assertThat(failure)
                            .hasMessageContaining("command " + identifier));
            controller.fetch();
            controller.complete(controller.take(0), 0); // from now on nothing is believed
            assertThat(controller.commands.poll(ledger, 8)).isZero();
            controller.reset();
            finish(controller, ledger);
            assertThat(ledger.open).isEmpty();
        }
    }

    @Test
    void L5_aCompletionThatNamesAnotherQueueOrAPlaceOutsideTheRingIsNotBelieved() {
        for (int queueAndHead : List.of(2 << 16, FakeController.QUEUE << 16 | 999)) {
            try (FakeController controller = new FakeController(4, 60_000)) {
                Ledger ledger = new Ledger();
                ledger.submit(controller, new Random(1));
                controller.commands.submit();
                controller.fetch();
                controller.post(controller.take(0), 0, queueAndHead, 1);
                assertThat(controller.commands.poll(ledger, 8)).isZero();
                assertThat(controller.context.failures()).hasSize(1);
                assertThat(ledger.open).hasSize(1);
            }
        }
    }

    @Test
    void L5_aLateCommandIsAbortedAndEndsAsTimedOutAndTheOthersGoOn() {
        try (FakeController controller = new FakeController(4, 8)) {
            Ledger ledger = new Ledger();
            ledger.submit(controller, new Random(1));
            controller.commands.submit();
            controller.fetch();
            int late = controller.take(0);
            pollUntil(controller, ledger, () -> !controller.aborted.isEmpty());
            assertThat(controller.aborted).containsExactly(late);
            controller.complete(late, 0x007);
            assertThat(controller.commands.poll(ledger, 8)).isEqualTo(1);
            assertThat(ledger.seen).containsExactly(BlockStatus.TIMED_OUT);
            assertThat(controller.context.failures()).isEmpty();
        }
    }

    @Test
    void L5_anAbortThatDoesNotHelpAsksForAResetAfterWhichTheLateCommandHasTimedOutAndTheOthersAreSentAgain() {
        try (FakeController controller = new FakeController(4, 8)) {
            Ledger ledger = new Ledger();
            ledger.submit(controller, new Random(1));
            controller.commands.submit();
            pollUntil(controller, ledger, () -> !controller.context.failures().isEmpty());
            assertThat(controller.context.failures()).singleElement()
                    .satisfies(failure -> assertThat(failure)
                            .hasMessageContaining("not answered within 8 ms")
                            .hasMessageContaining("Abort did not end it"));
            ledger.submit(controller, new Random(1));
            controller.commands.submit();
            controller.reset();
            assertThat(controller.commands.poll(ledger, 8)).isEqualTo(1);
            assertThat(ledger.seen).containsExactly(BlockStatus.TIMED_OUT);
            assertThat(controller.fetch()).as("commands that were sent again").isEqualTo(1);
            finish(controller, ledger);
            assertThat(ledger.open).isEmpty();
        }
    }

    @Test
    void L8_anOwnerThatComesByDuringAResetHasItsCommandsSentAgainWhenItIsOver() {
        try (FakeController controller = new FakeController(4, 60_000)) {
            Ledger ledger = new Ledger();
            ledger.submit(controller, new Random(1));
            ledger.submit(controller, new Random(1));
            controller.commands.submit();
            List<Runnable> steps = List.of(controller.gate::pause, controller::renew, controller.gate::resume);
            for (Runnable step : steps) {
                step.run();
                assertThat(controller.commands.poll(ledger, 8)).isZero();
            }
            assertThat(controller.fetch()).as("commands that were sent again").isEqualTo(2);
        }
    }

    @Test
    void aCommandIsNotSentAgainForEver() {
        try (FakeController controller = new FakeController(4, 60_000)) {
            Ledger ledger = new Ledger();
            ledger.submit(controller, new Random(1));
            controller.commands.submit();
            for (int i = 0; i < 3; i++) {
                controller.reset();
                assertThat(controller.commands.poll(ledger, 8)).isZero();
            }
            controller.reset();
            assertThat(controller.commands.poll(ledger, 8)).isEqualTo(1);
            assertThat(ledger.seen).containsExactly(BlockStatus.ABORTED);
        }
    }

    @Test
    void nothingIsTakenDuringAResetAndNothingAfterTheEnd() {
        try (FakeController controller = new FakeController(4, 60_000)) {
            Ledger ledger = new Ledger();
            controller.gate.pause();
            assertThat(ledger.submit(controller, new Random(1))).isFalse();
            controller.gate.resume();
            assertThat(ledger.submit(controller, new Random(1))).isTrue();
            controller.gate.pause();
            controller.gate.shut();
            assertThatExceptionOfType(DeviceGoneException.class)
                    .isThrownBy(() -> ledger.submit(controller, new Random(1)));
            assertThat(controller.commands.poll(ledger, 8)).isEqualTo(1);
            assertThat(ledger.seen).containsExactly(BlockStatus.GONE);
        }
    }

    @Test
    void anOwnerWithNothingInFlightDoesNotWaitForEverForTheQueueToTakeRequestsAgainAfterAReset() {
        try (FakeController controller = new FakeController(4, 60_000)) {
            Ledger ledger = new Ledger();
            controller.reset();
            assertThat(ledger.submit(controller, new Random(1))).as("before the owner has polled").isFalse();
            assertThat(controller.commands.hasCompletion()).as("a wait ends").isTrue();
            assertThat(controller.commands.poll(ledger, 8)).isZero();
            assertThat(controller.commands.hasCompletion()).isFalse();
            assertThat(ledger.submit(controller, new Random(1))).isTrue();
        }
    }

    private static void pollUntil(
            FakeController controller, Ledger ledger, java.util.function.BooleanSupplier condition) {
        org.busbar.device.Deadline deadline = org.busbar.device.Deadline.afterMillis(20_000);
        while (!condition.getAsBoolean() && !deadline.expired()) {
            assertThat(controller.commands.poll(ledger, 8)).isZero();
        }
        assertThat(condition.getAsBoolean()).as("before the deadline").isTrue();
    }
}
