package org.busbar.core.internal.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.busbar.core.internal.work.ModelCheck.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The worker of a bus is a queue: every message that is taken runs once, in the order in which messages were taken. */
@Timeout(300)
class MailboxLinearizabilityTest {

    /** What threads may do with a mailbox. What they may rely on is in {@link Sequential}. */
    public static class Concurrent {

        private final Mailbox mailbox = new Mailbox("mailbox");
        private final List<Integer> ran = new ArrayList<>();

        @Operation
        public boolean post(@Param(gen = IntGen.class, conf = "1:9") int message) {
            return mailbox.post(() -> ran.add(message));
        }

        @Operation
        public void stop() {
            mailbox.stop();
        }

        /** Returns what has run when a message of its own does; empty once the mailbox has stopped. */
        @Operation
        public Optional<List<Integer>> ranSoFar() throws Exception {
            CompletableFuture<List<Integer>> answer = new CompletableFuture<>();
            return mailbox.post(() -> answer.complete(List.copyOf(ran)))
                    ? Optional.of(answer.get(30, TimeUnit.SECONDS))
                    : Optional.empty();
        }

        @Validate
        public void end() {
            mailbox.stop(); // or its thread would stay
        }
    }

    /** The same, one call after the other. */
    public static class Sequential {

        private final List<Integer> taken = new ArrayList<>();
        private boolean stopped;

        public boolean post(int message) {
            if (!stopped) {
                taken.add(message);
            }
            return !stopped;
        }

        public void stop() {
            stopped = true;
        }

        public Optional<List<Integer>> ranSoFar() {
            return stopped ? Optional.empty() : Optional.of(List.copyOf(taken));
        }
    }

    /** Stress and not model checking: that does not know of threads which the mailbox starts by itself. */
    @Test
    void messagesRunOnceInTheOrderInWhichTheyWereTaken() {
        new StressOptions()
                .iterations(8)
                .invocationsPerIteration(100)
                .threads(2)
                .actorsBefore(1)
                .actorsPerThread(3)
                .actorsAfter(1)
                .sequentialSpecification(Sequential.class)
                .check(Concurrent.class);
    }

    @Test
    void whatWasTakenBeforeTheStopRuns() throws Exception {
        Mailbox mailbox = new Mailbox("mailbox");
        CountDownLatch second = new CountDownLatch(1);
        CompletableFuture<List<Boolean>> taken = new CompletableFuture<>();
        mailbox.post(() -> {
            boolean before = mailbox.post(second::countDown);
            mailbox.stop();
            taken.complete(List.of(before, mailbox.post(() -> {})));
        });
        assertThat(taken.get(30, TimeUnit.SECONDS)).containsExactly(true, false);
        assertThat(second.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void messageThatMeetsTheStopIsRefusedOrRuns() {
        explore(60, threads -> {
            Mailbox mailbox = new Mailbox("mailbox");
            threads.start(() -> {
                CountDownLatch ran = new CountDownLatch(1);
                if (mailbox.post(ran::countDown)) {
                    ran.await();
                }
            });
            mailbox.stop();
            threads.join();
        });
    }

    @Test
    void workerThatSleepsIsWokenByAMessage() {
        explore(60, threads -> {
            Mailbox mailbox = new Mailbox("mailbox");
            CountDownLatch ran = new CountDownLatch(1);
            mailbox.post(ran::countDown);
            ran.await();
            mailbox.stop();
        });
    }
}
