package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.Deadline;
import org.junit.jupiter.api.Test;

/** Threads that have something to do at regular times. */
class TaskThreadTest {

    @Test
    void L5_whatIsRegularIsDoneHoweverManyTasksCome() throws Exception {
        AtomicReference<Throwable> crash = new AtomicReference<>();
        TaskThread thread = new TaskThread("test", 4, crash::set);
        CountDownLatch regular = new CountDownLatch(3);
        thread.post(new TaskThread.Task() {
            @Override
            public void run() {
                thread.post(this); // there is always another
            }
        });
        thread.start(Thread::startVirtualThread, 1, regular::countDown);
        assertThat(regular.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(thread.stop(Deadline.afterMillis(20_000))).isTrue();
        assertThat(crash).hasNullValue();
    }
}
