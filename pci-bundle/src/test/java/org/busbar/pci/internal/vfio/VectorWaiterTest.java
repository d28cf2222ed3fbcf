package org.busbar.pci.internal.vfio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.vfio.EventLoop.Source;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Threads that wait for a vector by themselves; the test signals its event counter, as the kernel does. */
class VectorWaiterTest {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    private final Semaphore handled = new Semaphore(0);
    private EventLoop loop;
    private Source source;
    private VectorWaiter waiter;

    @BeforeEach
    void take() throws Exception {
        loop = EventLoop.start("test");
        source = new Source(EventCalls.eventfd("vector"), handled::release);
        loop.add(List.of(source));
        assertThat(loop.take(source)).isTrue();
        assertThat(loop.take(source)).as("taken twice").isFalse();
        waiter = VectorWaiter.of(loop, source);
    }

    @AfterEach
    void L6_nothingIsLeft() {
        waiter.close();
        loop.close();
        assertThat(loop.join(Deadline.afterMillis(20_000))).isTrue();
        assertThat(source.counter().isOpen()).isFalse();
    }

    private boolean comesToTheHandler() throws Exception {
        EventCalls.signal(source.counter());
        return handled.tryAcquire(20, TimeUnit.SECONDS);
    }

    @Test
    void aFireEndsTheWaitAndIsNotTheHandlersBusiness() throws Exception {
        EventCalls.signal(source.counter());
        assertThat(waiter.await(PATIENCE)).isTrue();
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> waiter.await(PATIENCE));
        EventCalls.signal(source.counter());
        assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(handled.availablePermits()).isZero();
    }

    @Test
    void aWakeUpIsRememberedUntilTheNextWait() {
        waiter.wake();
        long start = System.nanoTime();
        assertThat(waiter.await(PATIENCE)).isTrue();
        assertThat(System.nanoTime() - start).isLessThan(PATIENCE);
    }

    @Test
    void closedItLeavesTheVectorToTheHandlerWhichLooksOnce() throws Exception {
        waiter.close();
        assertThat(handled.tryAcquire(20, TimeUnit.SECONDS)).as("called once").isTrue();
        assertThat(comesToTheHandler()).isTrue();
        assertThat(waiter.await(PATIENCE)).isFalse();
        waiter.wake();
    }

    @Test
    void closedUnderAThreadThatWaitsItEndsTheWait() throws Exception {
        CountDownLatch begins = new CountDownLatch(1);
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            begins.countDown();
            return waiter.await(PATIENCE);
        });
        assertThat(begins.await(20, TimeUnit.SECONDS)).isTrue();
        waiter.close();
        Boolean _ = waiting.get(20, TimeUnit.SECONDS);
        assertThat(handled.tryAcquire(20, TimeUnit.SECONDS)).as("called once").isTrue();
        assertThat(comesToTheHandler()).isTrue();
    }

    @Test
    void L6_aVectorThatIsTurnedOffIsNotClosedUnderAThreadThatWaitsForIt() throws Exception {
        CountDownLatch begins = new CountDownLatch(1);
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            begins.countDown();
            return waiter.await(PATIENCE);
        });
        assertThat(begins.await(20, TimeUnit.SECONDS)).isTrue();
        loop.exclude(List.of(source));
        assertThat(waiter.abandon(Deadline.afterMillis(20_000))).isTrue();
        assertThat(loop.remove(List.of(source), Deadline.afterMillis(20_000))).isTrue();
        Boolean _ = waiting.get(20, TimeUnit.SECONDS);
        assertThat(waiter.await(PATIENCE)).isFalse();
        assertThat(handled.availablePermits()).isZero();
    }
}
