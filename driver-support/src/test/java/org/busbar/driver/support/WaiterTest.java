package org.busbar.driver.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.PortQueueOptions.Waiting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Waiting for frames in every way. */
@Timeout(60)
final class WaiterTest {

    private static final class Port implements Waiter.Source {

        volatile boolean frame;
        volatile boolean gone;
        volatile int armed;
        volatile boolean listening;
        volatile int looks;
        volatile int posts;

        @Override
        public boolean ready() {
            looks++;
            return frame;
        }

        @Override
        public void post() {
            posts++;
        }

        @Override
        public void arm() {
            armed++;
            listening = true;
        }

        @Override
        public void silence() {
            listening = false;
        }

        @Override
        public void requirePresent() {
            if (gone) {
                throw new DeviceGoneException("gone");
            }
        }

        @Override
        public void checkHealth() {}
    }

    private final Port port = new Port();
    private final Signal signal = new Signal();

    private Waiter waiter(Waiting waiting) {
        return new Waiter(port, signal, waiting, true);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsThereIsNotWaitedFor(Waiting waiting) throws Exception {
        port.frame = true;
        assertThat(waiter(waiting).await(Deadline.afterMillis(0))).isTrue();
        assertThat(port.armed).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void theDeadlineEndsTheWaitWithoutInterruptsToCome(Waiting waiting) throws Exception {
        assertThat(waiter(waiting).await(Deadline.afterMillis(5))).isFalse();
        assertThat(port.posts).isPositive();
        assertThat(port.listening).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aFrameThatComesEndsTheWait(Waiting waiting) throws Exception {
        CompletableFuture<Boolean> waits = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                waits.complete(waiter(waiting).await(Deadline.afterMillis(50_000)));
            } catch (InterruptedException | RuntimeException e) {
                waits.completeExceptionally(e);
            }
        });
        while (port.looks < 2) {
            Thread.onSpinWait();
        }
        port.frame = true;
        signal.raise();
        assertThat(waits.get(20, TimeUnit.SECONDS)).isTrue();
        thread.join();
        assertThat(port.listening).isFalse();
    }

    @Test
    void L8_aDeviceThatGoesEndsTheWait() {
        for (Waiting waiting : Waiting.values()) {
            port.gone = true;
            assertThatThrownBy(() -> waiter(waiting).await(Deadline.afterMillis(50_000)))
                    .isInstanceOf(DeviceGoneException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedThreadDoesNotWait(Waiting waiting) {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> waiter(waiting).await(Deadline.afterMillis(50_000)))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void pollingNeverAsksForInterruptsAndOnlyInterruptsNeverSpins() throws Exception {
        waiter(Waiting.POLL).await(Deadline.afterMillis(3));
        assertThat(port.armed).isZero();
        assertThat(port.looks).isGreaterThan(32);
        port.looks = 0;
        waiter(Waiting.INTERRUPT).await(Deadline.afterMillis(3));
        assertThat(port.armed).isPositive();
        assertThat(port.looks).isLessThan(10);
    }

    @Test
    void whereFramesAreFarApartAdaptiveWaitingSoonSleepsAtOnce() throws Exception {
        Waiter waiter = waiter(Waiting.ADAPTIVE);
        for (int i = 0; i < 40; i++) {
            waiter.await(Deadline.afterMillis(1));
        }
        port.looks = 0;
        waiter.await(Deadline.afterMillis(1));
        assertThat(port.looks).isLessThan(10);
    }
}
