package org.busbar.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TestContextTest {

    private final TestContext context = new TestContext(new DeviceId("test", "0", 1));

    /** A condition is the driver's code: whatever it calls, and on whatever thread, the context must answer. */
    @Test
    void conditionIsAskedWithoutALock() throws Exception {
        context.await("the other thread", () -> onAnotherThread(() -> context.onRevoked(() -> {})),
                Deadline.afterMillis(20_000));
        assertThat(context.isRevoked()).isFalse();
    }

    @Test
    void L8_waitEndsWhenTheDeviceGoes() {
        AtomicInteger asked = new AtomicInteger();
        assertThatThrownBy(() -> context.await(
                "nothing",
                () -> {
                    asked.incrementAndGet();
                    return !onAnotherThread(context::revoke);
                },
                Deadline.afterMillis(20_000)))
                .isInstanceOf(DeviceGoneException.class);
        assertThat(asked).hasValue(1);
    }

    @Test
    void waitEndsAtItsDeadline() {
        assertThatThrownBy(() -> context.await("godot", () -> false, Deadline.afterMillis(1)))
                .isInstanceOf(DeviceTimeoutException.class)
                .hasMessageContaining("godot");
    }

    private static boolean onAnotherThread(Runnable call) {
        try {
            CompletableFuture.runAsync(call).get(10, TimeUnit.SECONDS);
            return true;
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }
}
