package org.busbar.shell.nvme.internal.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that begin together, or not at all. */
@Timeout(30)
class ControlTest {

    private static CompletableFuture<Boolean> thread(Control control) {
        CompletableFuture<Boolean> started = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                started.complete(control.awaitStart());
            } catch (InterruptedException e) {
                started.completeExceptionally(e);
            } finally {
                control.ended();
            }
        });
        return started;
    }

    @Test
    void allBeginOnceAllAreReady() throws Exception {
        Control control = new Control(2, Duration.ofSeconds(20));
        CompletableFuture<Boolean> first = thread(control);
        CompletableFuture<Boolean> second = thread(control);
        assertThat(control.start()).isTrue();
        assertThat(first.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(second.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(control.failure()).isNull();
    }

    @Test
    void L5_aThreadThatHangsBeforeItIsReadyKeepsNobodyWaitingForEver() throws Exception {
        Control control = new Control(2, Duration.ofMillis(50));
        CompletableFuture<Boolean> ready = thread(control); // and the other waits for a queue
        assertThat(control.start()).isFalse();
        assertThat(control.stopped()).isTrue();
        assertThat(control.failure()).contains("of 2 threads did not get a queue");
        assertThat(ready.get(20, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void L5_aThreadThatIsReadyGivesUpIfNobodyStartsTheRun() throws Exception {
        Control control = new Control(1, Duration.ofMillis(10));
        assertThat(thread(control).get(20, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void aThreadThatFailsBeforeItIsReadyStopsTheOthers() throws Exception {
        Control control = new Control(2, Duration.ofSeconds(20));
        CompletableFuture<Boolean> ready = thread(control);
        control.fail("no queue left");
        control.ended();
        assertThat(control.start()).isFalse();
        assertThat(ready.get(20, TimeUnit.SECONDS)).isFalse();
        assertThat(control.failure()).isEqualTo("no queue left");
    }
}
