package org.busbar.core.internal.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceEvent.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventLogTest {

    private final EventLog log = new EventLog(() -> Instant.EPOCH);

    private void add(int count) {
        for (int i = 0; i < count; i++) {
            log.add(Kind.RESCAN, null, null, "x");
        }
    }

    @Test
    void keepsTheLatestInOrder() {
        add(EventLog.CAPACITY + 5);
        assertThat(log.history()).hasSize(EventLog.CAPACITY);
        assertThat(log.history().getFirst().sequence()).isEqualTo(6);
        assertThat(log.history().getLast().sequence()).isEqualTo(EventLog.CAPACITY + 5L);
    }

    @Test
    void followerThatThrowsSeesAllEventsInOrder() throws Exception {
        List<Long> seen = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch all = new CountDownLatch(1000);
        try (AutoCloseable _ = log.follow("follower", event -> {
            seen.add(event.sequence());
            all.countDown();
            throw new IllegalStateException("clumsy");
        })) {
            add(1000);
            assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(seen).containsExactlyElementsOf(LongStream.rangeClosed(1, 1000).boxed().toList());
    }

    @Test
    void followerThatHangsHoldsNobodyUpAndLosesTheOldest() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        CountDownLatch last = new CountDownLatch(1);
        List<Long> seen = Collections.synchronizedList(new ArrayList<>());
        long total = 3L * EventLog.CAPACITY;
        try (AutoCloseable _ = log.follow("slow", event -> {
            try {
                assertThat(hold.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException failure) {
                throw new AssertionError(failure);
            }
            seen.add(event.sequence());
            if (event.sequence() == total) {
                last.countDown();
            }
        })) {
            add((int) total);
            hold.countDown();
            assertThat(last.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(seen).isSorted().doesNotHaveDuplicates().hasSizeLessThan((int) total);
        assertThat(seen).endsWith(total);
    }

    @Test
    void closedFollowerHearsNothing() throws Exception {
        List<DeviceEvent> seen = new ArrayList<>();
        log.follow("closed", seen::add).close();
        add(10);
        assertThat(seen).isEmpty();
    }
}
