package org.busbar.port.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(240)
final class ThreadWorksTest {

    @Test
    void L6_driversThatSpinTakeNoProcessorFromVirtualThreads() throws InterruptedException {
        int processors = Runtime.getRuntime().availableProcessors();
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch spinning = new CountDownLatch(processors);
        CountDownLatch ran = new CountDownLatch(1);
        try (ThreadWorks works = new ThreadWorks()) {
            for (int i = 0; i < processors; i++) {
                works.tasks().execute(() -> {
                    spinning.countDown();
                    while (!done.get()) {
                        Thread.onSpinWait();
                    }
                });
            }
            assertThat(spinning.await(60, TimeUnit.SECONDS)).as("all of them have begun").isTrue();
            Thread _ = Thread.startVirtualThread(ran::countDown);
            assertThat(ran.await(60, TimeUnit.SECONDS)).as("another one has its turn").isTrue();
        } finally {
            done.set(true);
        }
    }
}
