package org.busbar.core.internal.scope;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GrantTest {

    private static final Deadline LONG = Deadline.after(Duration.ofSeconds(50));

    private final List<Leak> stuck = new CopyOnWriteArrayList<>();
    private final CountDownLatch acting = new CountDownLatch(1);

    private final Grant grant = new Grant(
            new DeviceId("test", "0", 1), new Grant.Holder("d", 1, () -> null), LONG, new Grant.Reports() {
                @Override
                public void failed(Throwable cause) {}

                @Override
                public void suspectGone(String why) {}

                @Override
                public void stuck(Leak action) {
                    stuck.add(action);
                }

                @Override
                public void trouble(String what, Throwable failure) {}
            });

    /** Whoever runs it: the release does not wait for ever, says where it is, and asks it to end. */
    @Test
    void L5_actionOnRevocationThatDoesNotEndIsReportedWithItsStackAndInterrupted() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        grant.onRevoked(() -> hangUntil(interrupted));
        Thread other = Thread.ofPlatform().name("other").start(() -> {
            try {
                grant.revoke(LONG);
            } catch (InterruptedException unexpected) {
                throw new AssertionError(unexpected);
            }
        });
        assertThat(acting.await(20, TimeUnit.SECONDS)).isTrue();

        grant.release(Deadline.afterMillis(10), () -> true);

        assertThat(stuck).singleElement().satisfies(action -> {
            assertThat(action.thread()).isEqualTo("other");
            assertThat(action.stack()).contains("GrantTest.hangUntil");
        });
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(other.join(Duration.ofSeconds(20))).isTrue();
        assertThat(grant.revocation().isQuiet()).isTrue();
    }

    @Test
    void actionThatHasEndedIsNotReported() throws Exception {
        grant.onRevoked(acting::countDown);
        grant.release(LONG, () -> true);
        assertThat(acting.getCount()).isZero();
        assertThat(stuck).isEmpty();
    }

    private void hangUntil(CountDownLatch interrupted) {
        acting.countDown();
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException asked) {
            interrupted.countDown();
        }
    }
}
