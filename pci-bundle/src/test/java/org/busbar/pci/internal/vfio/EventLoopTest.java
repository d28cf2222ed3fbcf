package org.busbar.pci.internal.vfio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.Deadline;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.vfio.EventLoop.Source;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The loop with event counters that the test signals, as the kernel does for interrupts. */
class EventLoopTest {

    private static final long PATIENCE = 10_000;

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private EventLoop loop;

    @BeforeEach
    void start() throws ErrnoException {
        loop = EventLoop.start("test");
    }

    @AfterEach
    void L6_threadEnds() {
        loop.close();
        assertThat(loop.join(Deadline.afterMillis(PATIENCE))).isTrue();
    }

    private Source source(String name, Runnable action) throws ErrnoException {
        Fd counter = EventCalls.eventfd(name);
        Source source = new Source(counter, action);
        loop.add(List.of(source));
        return source;
    }

    private String next() throws InterruptedException {
        return String.valueOf(events.poll(PATIENCE, TimeUnit.MILLISECONDS));
    }

    @Test
    void runsWhatBelongsToACounter() throws Exception {
        Source first = source("first", () -> events.add("first"));
        Source second = source("second", () -> events.add("second"));
        EventCalls.signal(second.counter());
        assertThat(next()).isEqualTo("second");
        EventCalls.signal(first.counter());
        assertThat(next()).isEqualTo("first");
        EventCalls.signal(first.counter());
        assertThat(next()).isEqualTo("first");
        assertThat(events).isEmpty();
    }

    @Test
    void signalsDuringAnActionAreMergedIntoOneMore() throws Exception {
        CountDownLatch proceed = new CountDownLatch(1);
        Source source = source("slow", () -> {
            events.add("ran");
            await(proceed);
        });
        EventCalls.signal(source.counter());
        assertThat(next()).isEqualTo("ran");
        EventCalls.signal(source.counter());
        EventCalls.signal(source.counter());
        EventCalls.signal(source.counter());
        proceed.countDown();
        assertThat(next()).isEqualTo("ran");
        Source marker = source("marker", () -> events.add("marker"));
        EventCalls.signal(marker.counter());
        assertThat(next()).isEqualTo("marker");
    }

    @Test
    void actionThatThrowsDoesNotEndTheLoop() throws Exception {
        Source source = source("failing", () -> {
            events.add("ran");
            throw new IllegalStateException("thrown on purpose");
        });
        EventCalls.signal(source.counter());
        assertThat(next()).isEqualTo("ran");
        EventCalls.signal(source.counter());
        assertThat(next()).isEqualTo("ran");
    }

    @Test
    void L6_removeWaitsForARunningActionAndClosesItsCounter() throws Exception {
        CountDownLatch proceed = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        Source source = source("slow", () -> {
            running.countDown();
            await(proceed);
            events.add("ended");
        });
        EventCalls.signal(source.counter());
        assertThat(running.await(PATIENCE, TimeUnit.MILLISECONDS)).isTrue();
        assertThat(loop.remove(List.of(source), Deadline.afterMillis(0))).isFalse();
        assertThat(source.counter().isOpen()).isTrue();
        proceed.countDown();
        assertThat(loop.remove(List.of(source), Deadline.afterMillis(PATIENCE))).isTrue();
        assertThat(events).containsExactly("ended");
        assertThat(source.counter().isOpen()).isFalse();
    }

    @Test
    void removalFromWithinDoesNotWaitForItself() throws Exception {
        AtomicReference<Source> self = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        Source source = source("self", () -> {
            await(known);
            events.add("quiet " + loop.remove(List.of(self.get()), Deadline.afterMillis(PATIENCE)));
        });
        self.set(source);
        known.countDown();
        EventCalls.signal(source.counter());
        assertThat(next()).isEqualTo("quiet true");
        assertThat(loop.remove(List.of(source), Deadline.afterMillis(PATIENCE))).isTrue();
        assertThat(source.counter().isOpen()).isFalse();
    }

    @Test
    void L6_removedWhileSignalledNeverRunsAfterwards() throws Exception {
        for (int i = 0; i < 2_000; i++) {
            Source source = source("raced", () -> events.add("ran"));
            EventCalls.signal(source.counter());
            assertThat(loop.remove(List.of(source), Deadline.afterMillis(PATIENCE))).isTrue();
            events.clear();
            assertThat(source.counter().isOpen()).isFalse();
        }
        Source marker = source("marker", () -> events.add("marker"));
        EventCalls.signal(marker.counter());
        assertThat(next()).isEqualTo("marker");
    }

    @Test
    void L6_closeClosesCountersThatAreLeft() throws Exception {
        Source source = source("left", () -> {});
        loop.close();
        assertThat(loop.join(Deadline.afterMillis(PATIENCE))).isTrue();
        assertThat(source.counter().isOpen()).isFalse();
        assertThat(loop.remove(List.of(source), Deadline.afterMillis(PATIENCE))).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE, TimeUnit.MILLISECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
