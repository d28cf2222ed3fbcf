package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.pci.InterruptWaiter;
import org.junit.jupiter.api.Test;

class SignalTest {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    /** A vector that a thread waits for in the kernel. */
    private static final class Kernel implements InterruptWaiter {
        final Semaphore fired = new Semaphore(0);
        final AtomicInteger waits = new AtomicInteger();
        volatile boolean closed;

        @Override
        public boolean await(long nanos) {
            waits.incrementAndGet();
            try {
                return !closed && (fired.tryAcquire(nanos, TimeUnit.NANOSECONDS) || !closed);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void wake() {
            fired.release();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final Kernel kernel = new Kernel();
    private final AtomicInteger asked = new AtomicInteger();
    private final Signal signal = new Signal(() -> {
        asked.incrementAndGet();
        return Optional.of(kernel);
    });

    @Test
    void waitsInTheKernelWhereThatCanBeDone() throws Exception {
        kernel.fired.release();
        signal.await(PATIENCE);
        kernel.fired.release();
        signal.await(PATIENCE);
        assertThat(kernel.waits).hasValue(2);
        assertThat(asked).hasValue(1);
        assertThat(kernel.fired.availablePermits()).isZero();
    }

    @Test
    void whoRaisesItEndsAWaitInTheKernel() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            CompletableFuture<Void> raised = CompletableFuture.runAsync(signal::raise);
            signal.await(PATIENCE);
            raised.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void aVirtualThreadLeavesTheVectorToItsHandler() throws Exception {
        kernel.fired.release();
        signal.await(PATIENCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = threads.submit(() -> {
                signal.await(PATIENCE);
                return true;
            });
            signal.raise();
            assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(kernel.closed).isTrue();
        assertThat(kernel.waits).hasValue(1);
    }

    @Test
    void whenInterruptsAreOffItIsOthersWhoRaise() throws Exception {
        kernel.closed = true;
        signal.await(PATIENCE); // finds out
        signal.raise();
        signal.await(PATIENCE);
        assertThat(kernel.waits).hasValue(1);
    }

    @Test
    void L6_closedItHasTheVectorNoMore() throws Exception {
        kernel.fired.release();
        signal.await(PATIENCE);
        signal.close();
        assertThat(kernel.closed).isTrue();
        signal.raise();
        signal.await(PATIENCE);
        assertThat(kernel.waits).hasValue(1);
        assertThat(asked).hasValue(1);
    }
}
