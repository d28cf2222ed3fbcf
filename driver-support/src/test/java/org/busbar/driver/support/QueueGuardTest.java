package org.busbar.driver.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.DeviceContext;
import org.busbar.net.driver.DriverPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a queue that finds nothing looks at its device. */
final class QueueGuardTest {

    private final List<String> reports = new ArrayList<>();
    private final DeviceContext context = (DeviceContext) Proxy.newProxyInstance(
            DeviceContext.class.getClassLoader(), new Class<?>[] {DeviceContext.class}, (_, method, arguments) -> {
                reports.add(method.getName() + ": " + arguments[0]);
                return null;
            });
    private final AtomicReference<@Nullable String> absence = new AtomicReference<>();
    private int looks;
    private long nanos;
    private final QueueGuard guard;

    QueueGuardTest() throws Exception {
        DriverPool pool = (DriverPool) new PacketPoolService().create(64, 2048);
        Health health = new Health(context, () -> {
            looks++;
            return absence.get();
        });
        guard = new QueueGuard("port", new Gate("port"), health, QueuePackets.own(pool, 0, "test"), () -> nanos);
    }

    /** Polls so often, so far apart; returns how often that ended with the news that the device is well. */
    private int poll(int calls, long nanosApart) {
        int well = 0;
        for (int call = 0; call < calls; call++) {
            nanos += nanosApart;
            well += guard.did(0) ? 1 : 0;
        }
        return well;
    }

    @Test
    void L8_whoPollsEachMillisecondHearsOfACardThatHasGoneWithinATenthOfASecond() {
        absence.set("all registers read ones");
        assertThat(poll(100, TimeUnit.MILLISECONDS.toNanos(1))).isZero();
        assertThat(reports).containsExactly("suspectGone: all registers read ones");
    }

    @Test
    void whoPollsAllTheTimeSeldomReadsRegisters() {
        assertThat(poll(1_000_000, 100)).isBetween(9, 10); // a tenth of a second in all
        assertThat(looks).isBetween(9, 10);
        assertThat(reports).isEmpty();
    }

    @Test
    void whoHasFramesToDoDoesNotLook() {
        absence.set("all registers read ones");
        for (int call = 0; call < 1000; call++) {
            nanos += TimeUnit.MILLISECONDS.toNanos(1);
            assertThat(guard.did(1)).isFalse();
        }
        assertThat(looks).isZero();
    }
}
