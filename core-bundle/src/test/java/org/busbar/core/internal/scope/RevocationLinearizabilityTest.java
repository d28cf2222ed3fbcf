package org.busbar.core.internal.scope;

import static org.busbar.core.internal.work.ModelCheck.explore;
import static org.busbar.core.internal.work.ModelCheck.require;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.device.Deadline;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that revoke a grant, wait for that and ask to be told, in the interleavings that a model checker picks. */
@Timeout(300)
class RevocationLinearizabilityTest {

    /** What threads may do with a revocation. What they may rely on is in {@link Sequential}. */
    public static class Concurrent {

        private final Revocation revocation = new Revocation();
        private final AtomicInteger accepted = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();

        @Operation
        public void onRevoked() {
            revocation.onRevoked(ended::incrementAndGet);
            accepted.incrementAndGet();
        }

        @Operation
        public void mark() {
            revocation.mark();
        }

        @Operation
        public boolean isRevoked() {
            return revocation.isRevoked();
        }

        /** Returns whether everything that was asked for before has been done when this is done. */
        @Operation
        public boolean run() throws InterruptedException {
            int before = accepted.get();
            return runAll(revocation) && ended.get() >= before;
        }
    }

    /** The same, one call after the other. */
    public static class Sequential {

        private boolean revoked;

        public void onRevoked() {
            // runs now or on revocation, and in either case before the next run returns
        }

        public void mark() {
            revoked = true;
        }

        public boolean isRevoked() {
            return revoked;
        }

        public boolean run() {
            revoked = true;
            return true;
        }
    }

    @Test
    void L6_revocationIsOneMomentForAllAndItsActionsEndBeforeRunReturns() {
        new ModelCheckingOptions()
                .iterations(6)
                .invocationsPerIteration(80)
                .threads(2)
                .actorsBefore(1)
                .actorsPerThread(2)
                .actorsAfter(1)
                .sequentialSpecification(Sequential.class)
                .check(Concurrent.class);
    }

    @Test
    void L6_runWaitsForTheActionThatAnotherThreadRuns() {
        explore(60, threads -> {
            Revocation revocation = new Revocation();
            AtomicInteger runs = new AtomicInteger();
            revocation.onRevoked(runs::incrementAndGet);
            threads.start(() -> require(runAll(revocation), "ended in time"));
            require(runAll(revocation), "ended in time");
            require(runs.get() == 1, "it has run, by whomever");
            require(revocation.isQuiet(), "nothing is left");
            threads.join();
        });
    }

    @Test
    void L8_actionThatMeetsTheRevocationRunsExactlyOnce() {
        explore(60, threads -> {
            Revocation revocation = new Revocation();
            AtomicInteger runs = new AtomicInteger();
            threads.start(() -> revocation.onRevoked(runs::incrementAndGet));
            require(runAll(revocation), "ended in time");
            threads.join();
            require(runs.get() == 1, "it has run once");
        });
    }

    @Test
    void L8_whoeverWaitsIsWokenByARevocation() {
        explore(50, threads -> {
            Revocation revocation = new Revocation();
            threads.start(() -> require(revocation.await(Duration.ofHours(1).toNanos()), "woken"));
            revocation.mark();
            threads.join();
        });
    }

    private static boolean runAll(Revocation revocation) throws InterruptedException {
        return revocation.run(
                failure -> {
                    throw new AssertionError(failure);
                },
                Deadline.after(Duration.ofHours(1)));
    }
}
