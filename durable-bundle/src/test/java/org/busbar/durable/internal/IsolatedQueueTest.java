package org.busbar.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockVector;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.volume.Volume;
import org.busbar.volume.VolumeState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues whose drivers are called by threads of their own. */
@Timeout(60)
final class IsolatedQueueTest {

    private static final int DEPTH = 4;
    private static final long LOOK = Bench.PATIENCE.toNanos() / 4;

    private final Bench bench = new Bench();
    private final FakeMedium medium = new FakeMedium(16);
    private final List<String> ends = new ArrayList<>();
    private final CountDownLatch never = new CountDownLatch(1);
    private final FakeDevice device = new FakeDevice("a", medium).automatic();
    private Path path;

    @BeforeEach
    void isolate() {
        bench.volumes.isolate(true);
        path = bench.come(device, "1#1");
    }

    @AfterEach
    void release() {
        never.countDown();
    }

    private void awaitEnds(BlockQueue queue, int count) throws Exception {
        Deadline deadline = Deadline.afterMillis(30_000);
        while (ends.size() < count) {
            queue.await(deadline);
            queue.poll((tag, status) -> ends.add(tag + " " + status), DEPTH);
        }
        assertThat(ends).hasSize(count);
    }

    @Test
    void requestsGoThroughTheOtherThreadAndBack() throws Exception {
        Thread[] caller = new Thread[1];
        device.broken(call -> caller[0] = Thread.currentThread());
        try (BlockQueue queue = bench.volume().openQueue(DEPTH)) {
            MemorySegment memory = queue.allocate(64);
            for (int round = 0; round < 1000; round++) {
                ends.clear();
                for (int tag = 0; tag < DEPTH; tag++) {
                    memory.set(ValueLayout.JAVA_LONG, tag * 8L, round * 10L + tag);
                    assertThat(queue.write(tag, 1, memory, tag * 8L, tag)).isTrue();
                }
                assertThat(queue.write(5, 1, memory, 0, 9)).as("room").isFalse();
                queue.submit();
                awaitEnds(queue, DEPTH);
                assertThat(ends).containsExactlyInAnyOrder("0 OK", "1 OK", "2 OK", "3 OK");
                assertThat(medium.read(3)).isEqualTo(round * 10L + 3);
            }
            ends.clear();
            assertThat(queue.read(3, 1, memory, 32, 7)).isTrue();
            assertThat(queue.flush(8)).isTrue();
            queue.submit();
            awaitEnds(queue, 2);
            assertThat(memory.get(ValueLayout.JAVA_LONG, 32)).isEqualTo(9993);
            assertThat(caller[0]).isNotNull().isNotEqualTo(Thread.currentThread());
        }
        assertThat(bench.faults).isEmpty();
    }

    @Test
    void requestsThatAreWrongEndWithAStatus() throws Exception {
        try (BlockQueue queue = bench.volume().openQueue(DEPTH)) {
            MemorySegment memory = queue.allocate(64);
            BlockVector vector = queue.newVector(1);
            vector.add(memory, 0, 8);
            assertThat(queue.read(99, 1, memory, 0, 1)).isTrue();
            assertThat(queue.read(1, 1, vector, RequestOptions.NONE, 2)).isTrue();
            queue.submit();
            awaitEnds(queue, 2);
            assertThat(ends).containsExactly("1 OUT_OF_RANGE", "2 NOT_SUPPORTED");
        }
        assertThat(bench.faults).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"write", "submit", "poll"})
    void L5_driverThatNeverReturnsHoldsUpNobody(String where) throws Exception {
        BlockQueue queue = bench.volume().openQueue(DEPTH);
        MemorySegment memory = queue.allocate(64);
        CountDownLatch inside = hangAt(where);
        memory.set(ValueLayout.JAVA_LONG, 0, 11);
        assertThat(queue.write(1, 1, memory, 0, 0)).isTrue();
        queue.submit();
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        queue.poll((tag, status) -> ends.add(tag + " " + status), DEPTH);
        for (int look = 0; look < 8 && bench.faults.isEmpty(); look++) {
            queue.poll((tag, status) -> ends.add(tag + " " + status), DEPTH);
            bench.works.pass(LOOK);
        }
        assertThat(bench.faults).singleElement().asString().contains("has not returned for ", "it is at ");
        bench.volumes.go(path);
        device.end();
        bench.come(new FakeDevice("b", medium).automatic(), "1#1");
        awaitEnds(queue, 1);
        assertThat(ends).containsExactly("0 OK");
        assertThat(medium.read(1)).isEqualTo(11);
        queue.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void L8_memoryStaysForAsLongAsADriverThatWasGivenUpMayMapIt(boolean mapsLater) throws Exception {
        BlockQueue queue = bench.volume().openQueue(DEPTH);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        device.broken(call -> {
            if (call.equals("map")) {
                inside.countDown();
                hang();
                if (!mapsLater) {
                    throw new IllegalStateException("broken");
                }
            } else if (call.equals("close")) {
                device.end();
                over.countDown();
            }
        });
        FutureTask<MemorySegment> allocation = inBackground(() -> queue.allocate(64));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        for (int look = 0; look < 8 && bench.faults.isEmpty(); look++) {
            bench.works.pass(LOOK);
        }
        MemorySegment memory = allocation.get(30, TimeUnit.SECONDS);
        assertThat(bench.faults).singleElement().asString().contains("has not returned for ");
        never.countDown();
        assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(memory.scope().isAlive()).as("while the queue is open").isTrue();
        queue.close();
        assertThat(memory.scope().isAlive()).isFalse();
    }

    @Test
    void L8_memoryStaysWhileADriverThatWasGivenUpIsStillMappingIt() throws Exception {
        BlockQueue queue = bench.volume().openQueue(DEPTH);
        CountDownLatch inside = hangAt("map");
        FutureTask<MemorySegment> allocation = inBackground(() -> queue.allocate(64));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        bench.go(path, device);
        MemorySegment memory = allocation.get(30, TimeUnit.SECONDS);
        queue.close();
        assertThat(memory.scope().isAlive()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"leaves", "is over", "is too slow"})
    void L5_openingOfAQueueEndsThoughItsDriverHangsAndItsPath(String end) throws Exception {
        bench.works.threads();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        device.broken(call -> {
            if (call.equals("openQueue")) {
                inside.countDown();
                hang();
            } else if (call.equals("close")) {
                closed.countDown();
            }
        });
        Volume volume = bench.volume();
        FutureTask<BlockQueue> opening = inBackground(() -> volume.openQueue(DEPTH));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        switch (end) {
            case "leaves" -> bench.volumes.go(path);
            case "is over" -> device.forget();
            default -> {
                for (int look = 0; look < 8 && bench.faults.isEmpty(); look++) {
                    bench.works.pass(LOOK);
                }
            }
        }
        BlockQueue queue = opening.get(30, TimeUnit.SECONDS);
        never.countDown();
        assertThat(closed.await(30, TimeUnit.SECONDS)).as("what was opened too late").isTrue();
        queue.close();
    }

    @Test
    void nextPathIsAskedForOneQueueThoughThePathBeforeIsStillAskedForOne() throws Exception {
        bench.works.threads();
        CountDownLatch inside = hangAt("openQueue");
        FakeDevice next = new FakeDevice("b", medium).automatic();
        CountDownLatch insideNext = hangAt(next, "openQueue");
        Volume volume = bench.volume();
        FutureTask<BlockQueue> opening = inBackground(() -> volume.openQueue(DEPTH));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        bench.come(next, "2#1");
        bench.volumes.go(path);
        assertThat(insideNext.await(30, TimeUnit.SECONDS)).isTrue();
        BlockQueue queue = opening.get(30, TimeUnit.SECONDS);
        assertThat(bench.works.started()).as("one for each path").isEqualTo(2);
        queue.close();
    }

    @Test
    void L5_driverThatHangsAsItIsToldOfMemoryWhenItsTurnComesIsFound() throws Exception {
        BlockQueue queue = bench.volume().openQueue(DEPTH);
        FakeDevice next = new FakeDevice("b", medium).automatic();
        Path nextPath = bench.come(next, "2#1");
        bench.go(path, device); // a queue is opened on the next path
        MemorySegment memory = queue.allocate(64);
        CountDownLatch inside = hangAt(next, "map");
        FutureTask<Integer> poll = inBackground(() -> queue.poll((tag, status) -> {}, DEPTH));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        for (int look = 0; look < 8 && bench.faults.isEmpty(); look++) {
            bench.works.pass(LOOK);
        }
        assertThat(bench.faults).singleElement().asString().startsWith("2#1: ").contains("has not returned for ");
        assertThat(poll.get(30, TimeUnit.SECONDS)).isZero();
        bench.go(nextPath, next);
        bench.come(new FakeDevice("c", medium).automatic(), "2#1");
        assertThat(queue.poll((tag, status) -> {}, DEPTH)).isZero();
        assertThat(queue.write(1, 1, memory, 0, 0)).isTrue();
        queue.submit();
        awaitEnds(queue, 1);
        assertThat(ends).containsExactly("0 OK");
        queue.close();
    }

    @Test
    void queueThatAnotherThreadClosesHoldsUpNobodyWhoAllocatesAndCostsNoPath() throws Exception {
        BlockQueue queue = bench.volume().openQueue(DEPTH);
        CountDownLatch inside = hangAt("map");
        FutureTask<MemorySegment> allocation = inBackground(() -> queue.allocate(64));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        queue.close();
        assertThatThrownBy(() -> allocation.get(30, TimeUnit.SECONDS)).hasMessageContaining("the queue is closed");
        assertThat(bench.volume().state()).isEqualTo(VolumeState.UP);
        assertThat(bench.faults).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"submit", "poll"})
    void L5_driverThatBlamesArgumentsThatThereAreNotIsReported(String where) throws Exception {
        BlockQueue queue = bench.volume().openQueue(DEPTH);
        MemorySegment memory = queue.allocate(64);
        memory.set(ValueLayout.JAVA_LONG, 0, 11);
        assertThat(queue.write(1, 1, memory, 0, 0)).isTrue();
        CountDownLatch closed = new CountDownLatch(1);
        device.broken(call -> {
            if (call.equals(where)) {
                throw new IllegalArgumentException("blame");
            } else if (call.equals("close")) {
                closed.countDown();
            }
        });
        queue.submit();
        assertThat(closed.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(bench.faults).singleElement().asString().contains("has thrown java.lang.IllegalArgumentException");
        bench.go(path, device);
        bench.come(new FakeDevice("b", medium).automatic(), "1#1");
        awaitEnds(queue, 1);
        assertThat(ends).containsExactly("0 OK");
        queue.close();
    }

    private static <T> FutureTask<T> inBackground(Callable<T> action) {
        FutureTask<T> task = new FutureTask<>(action);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private void hang() {
        while (never.getCount() > 0) {
            try {
                never.await();
            } catch (InterruptedException ignored) {
                // It hangs.
            }
        }
    }

    /** Has the driver hang whatever is done about it. Returns what tells when it does. */
    private CountDownLatch hangAt(String where) {
        return hangAt(device, where);
    }

    private CountDownLatch hangAt(FakeDevice broken, String where) {
        CountDownLatch inside = new CountDownLatch(1);
        broken.broken(call -> {
            if (call.equals(where)) {
                inside.countDown();
                hang();
            }
        });
        return inside;
    }
}
