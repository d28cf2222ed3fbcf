package org.busbar.shell.net.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.device.DeviceGoneException;
import org.busbar.shell.internal.text.Fields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JobsTest {

    private final Jobs jobs = new Jobs();

    /** Work that waits for its stop, or fails. */
    private static final class Waiting implements Work {

        private final RuntimeException failure;
        private final CountDownLatch closed = new CountDownLatch(1);

        Waiting(RuntimeException failure) {
            this.failure = failure;
        }

        @Override
        public String title() {
            return "waiting";
        }

        @Override
        public void open() {}

        @Override
        public void run(Stop stop) throws IOException, InterruptedException {
            if (failure != null) {
                throw failure;
            }
            while (!stop.await(TimeUnit.HOURS.toNanos(1))) {
                // Until somebody asks.
            }
        }

        @Override
        public void close() {
            closed.countDown();
        }

        @Override
        public String progress() {
            return "";
        }

        @Override
        public Fields report() {
            return new Fields();
        }
    }

    @Test
    void L7_noJobOutlivesTheBundle() throws Exception {
        Waiting one = new Waiting(null);
        Waiting other = new Waiting(null);
        Job first = jobs.start(one, new Stop(Optional.empty()));
        Job second = jobs.startForeground(other, new Stop(Optional.empty()));
        assertThat(jobs.all()).containsExactly(first);

        jobs.endAll();

        assertThat(first.isRunning() || second.isRunning()).isFalse();
        assertThat(one.closed.getCount() + other.closed.getCount()).isZero();
        assertThat(first.complaint()).isEmpty();
        Waiting late = new Waiting(null);
        Job third = jobs.start(late, new Stop(Optional.empty()));
        assertThat(third.ended().await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void L8_aJobWhoseDeviceGoesSaysSo() throws Exception {
        Job job = jobs.start(
                new Waiting(new DeviceGoneException("e000:03:00.0 was pulled")), new Stop(Optional.empty()));

        assertThat(job.ended().await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(job.complaint()).contains("the device is gone: e000:03:00.0 was pulled");
        assertThat(jobs.find(job.id())).isSameAs(job);
    }

    @Test
    void onlyTheLatestThatHaveEndedAreKept() throws Exception {
        for (int i = 0; i < 100; i++) {
            Job job = jobs.start(new Waiting(new IllegalStateException("defect")), new Stop(Optional.empty()));
            assertThat(job.ended().await(20, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(jobs.all()).hasSizeLessThanOrEqualTo(20).last().extracting(Job::id).isEqualTo(100);
    }
}
