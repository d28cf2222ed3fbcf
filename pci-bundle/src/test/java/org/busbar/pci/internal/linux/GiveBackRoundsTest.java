package org.busbar.pci.internal.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GiveBackRoundsTest {

    @Test
    void L5_groupThatTheKernelLetsWaitHoldsUpNoOther() throws Exception {
        CountDownLatch kernel = new CountDownLatch(1);
        GiveBackRounds rounds = new GiveBackRounds(group -> group != 1 || waitFor(kernel), Duration.ofHours(1));
        CompletableFuture<Void> first = rounds.request(1);
        rounds.request(2).get(20, TimeUnit.SECONDS);
        assertThat(first).isNotDone();
        kernel.countDown();
        first.get(20, TimeUnit.SECONDS);
    }

    @Test
    void requestsForOneGroupAreMetOneAfterTheOther() throws Exception {
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        GiveBackRounds rounds = new GiveBackRounds(
                group -> {
                    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    Thread.yield();
                    atOnce.decrementAndGet();
                    return true;
                },
                Duration.ofHours(1));
        CompletableFuture<?>[] all = new CompletableFuture<?>[200];
        for (int i = 0; i < all.length; i++) {
            all[i] = rounds.request(7);
        }
        CompletableFuture.allOf(all).get(20, TimeUnit.SECONDS);
        assertThat(most).hasValue(1);
    }

    private static boolean waitFor(CountDownLatch latch) {
        try {
            return latch.await(50, TimeUnit.SECONDS);
        } catch (InterruptedException nobodyInterrupts) {
            throw new AssertionError(nobodyInterrupts);
        }
    }
}
