package org.busbar.core.internal.scope;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.core.internal.engine.FakeBundle;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceId;
import org.busbar.device.Publication;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two or three threads meet at a barrier and race, thousands of times: whatever the order, the sums are right. */
@Timeout(120)
class ScopeStressTest {

    private static final int ROUNDS = 2_000;

    private final FakeBundle bundle = new FakeBundle("driver");

    private Grant grant() {
        return new Grant(
                new DeviceId("test", "0", 1),
                new Grant.Holder("d", 1, bundle::bundle),
                Deadline.after(Duration.ofSeconds(30)),
                new Grant.Reports() {
                    @Override
                    public void failed(Throwable cause) {}

                    @Override
                    public void suspectGone(String why) {}

                    @Override
                    public void stuck(Leak action) {
                        throw new AssertionError(action);
                    }

                    @Override
                    public void trouble(String what, Throwable failure) {
                        throw new AssertionError(what, failure);
                    }
                });
    }

    interface Racer {
        void run() throws Exception;
    }

    /** Runs all at the same moment and waits for all. */
    private static void race(Racer... racers) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(racers.length);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (Racer racer : racers) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    barrier.await(20, TimeUnit.SECONDS);
                    racer.run();
                } catch (Throwable thrown) {
                    failure.set(thrown);
                }
            }));
        }
        for (Thread thread : threads) {
            assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }

    private static void release(Grant grant) throws Exception {
        grant.revocation().mark();
        grant.unpublish();
        assertThat(grant.release(Deadline.after(Duration.ofSeconds(20)), () -> true)).isEmpty();
    }

    @Test
    void L6_publishAgainstCommitAgainstRemovalLeavesNoService() throws Exception {
        AtomicInteger published = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        for (int round = 0; round < ROUNDS; round++) {
            Grant grant = grant();
            grant.publish(Runnable.class, () -> {}, Map.of());
            race(
                    () -> {
                        try {
                            grant.publish(Runnable.class, () -> {}, Map.of()).close();
                            grant.publish(Runnable.class, () -> {}, Map.of("n", 1));
                            published.incrementAndGet();
                        } catch (DeviceGoneException overtaken) {
                            refused.incrementAndGet();
                        }
                    },
                    grant::commit,
                    grant::unpublish);
            release(grant);
            assertThat(bundle.services()).isEmpty();
        }
        assertThat(published.get() + refused.get()).isEqualTo(ROUNDS);
    }

    @Test
    void latestPropertiesStayHoweverUpdatesMeet() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Grant grant = grant();
            Publication publication = grant.publish(Runnable.class, () -> {}, Map.of("v", 0));
            race(grant::commit, () -> {
                publication.update(Map.of("v", 1));
                publication.update(Map.of("v", 2));
            });
            assertThat(bundle.services().getFirst().properties).containsEntry("v", 2);
            release(grant);
        }
    }

    @Test
    void L8_actionsOnRevocationRunExactlyOnce() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Revocation revocation = new Revocation();
            AtomicInteger runs = new AtomicInteger();
            revocation.onRevoked(runs::incrementAndGet);
            race(
                    () -> revocation.onRevoked(runs::incrementAndGet),
                    () -> assertThat(revocation.run(ScopeStressTest::fail, Deadline.afterMillis(20_000)))
                            .isTrue(),
                    () -> assertThat(revocation.run(ScopeStressTest::fail, Deadline.afterMillis(20_000)))
                            .isTrue());
            assertThat(runs).hasValue(2);
        }
    }

    private static void fail(Throwable failure) {
        throw new AssertionError(failure);
    }

    @Test
    void L6_whatIsAcquiredWhileItIsReleasedIsClosedExactlyOnce() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Grant grant = grant();
            AtomicInteger closed = new AtomicInteger();
            race(
                    () -> {
                        for (int i = 0; i < 10; i++) {
                            grant.own("r", closed::incrementAndGet);
                        }
                    },
                    () -> release(grant));
            assertThat(closed).hasValue(10);
        }
    }

    @Test
    void L6_noTaskRunsOnceTheThreadsAreClosed() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Grant grant = grant();
            AtomicInteger running = new AtomicInteger();
            race(
                    () -> {
                        for (int i = 0; i < 20; i++) {
                            try {
                                grant.executor().execute(() -> {
                                    running.incrementAndGet();
                                    Thread.onSpinWait();
                                    running.decrementAndGet();
                                });
                            } catch (DeviceGoneException | RejectedExecutionException ended) {
                                return;
                            }
                        }
                    },
                    () -> release(grant));
            assertThat(running).hasValue(0);
        }
    }

    @RepeatedTest(3)
    void awaitEndsAtOnceWhenTheGrantIsRevoked() throws Exception {
        for (int round = 0; round < 300; round++) {
            Grant grant = grant();
            race(
                    () -> {
                        try {
                            grant.await("never", () -> false, Deadline.after(Duration.ofSeconds(20)));
                            throw new AssertionError("returned");
                        } catch (DeviceGoneException expected) {
                            assertThat(grant.isRevoked()).isTrue();
                        }
                    },
                    () -> grant.revocation().mark());
        }
    }
}
