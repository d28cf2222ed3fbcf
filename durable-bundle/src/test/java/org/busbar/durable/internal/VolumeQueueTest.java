package org.busbar.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.volume.VolumeState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a queue's requests when their path goes. */
final class VolumeQueueTest {

    private static final int DEPTH = 4;

    private final Bench bench = new Bench();
    private final FakeMedium medium = new FakeMedium(16);
    private final List<String> ends = new ArrayList<>();
    private FakeDevice device;
    private Path path;
    private BlockQueue queue;
    private MemorySegment memory;

    @BeforeEach
    void open() throws BlockIOException {
        device = new FakeDevice("a", medium);
        path = bench.come(device, "1#1");
        queue = bench.volume().openQueue(DEPTH);
        memory = queue.allocate(64);
    }

    private boolean write(long block, long value, long tag) {
        memory.set(ValueLayout.JAVA_LONG, tag * 8, value);
        boolean taken = queue.write(block, 1, memory, tag * 8, tag);
        queue.submit();
        return taken;
    }

    private int poll() {
        return queue.poll((tag, status) -> ends.add(tag + " " + status), DEPTH);
    }

    private FakeDevice comeBack(String place) {
        FakeDevice next = new FakeDevice("b", medium);
        path = bench.come(next, place);
        return next;
    }

    @Test
    void requestsInFlightAreReissuedInTheOrderOfTheirSubmission() {
        write(1, 11, 0);
        write(1, 12, 1);
        memory.set(ValueLayout.JAVA_LONG, 24, 0);
        assertThat(queue.read(1, 1, memory, 24, 3)).isTrue();
        queue.submit();
        bench.go(path, device);
        assertThat(poll()).isZero();
        assertThat(bench.volume().state()).isEqualTo(VolumeState.HELD);
        FakeDevice next = comeBack("1#1");
        assertThat(poll()).isZero();
        assertThat(next.pending()).isEqualTo(3);
        next.executeAll();
        assertThat(poll()).isEqualTo(3);
        assertThat(ends).containsExactly("0 OK", "1 OK", "3 OK");
        assertThat(medium.read(1)).isEqualTo(12);
        assertThat(memory.get(ValueLayout.JAVA_LONG, 24)).isEqualTo(12);
        assertThat(bench.volume().statistics().reissued()).isEqualTo(3);
        assertThat(bench.volume().statistics().requests()).isEqualTo(3);
    }

    @Test
    void nothingNewOvertakesWhatIsReissued() {
        write(1, 11, 0);
        bench.go(path, device);
        assertThat(poll()).isZero();
        assertThat(write(1, 12, 1)).as("taken while there is no path").isFalse();
        FakeDevice next = comeBack("1#1");
        next.full(true);
        assertThat(write(1, 12, 1)).as("taken before the reissue").isFalse();
        assertThat(next.pending()).isZero();
        next.full(false);
        assertThat(write(1, 12, 1)).isTrue();
        next.executeAll();
        poll();
        assertThat(ends).containsExactly("0 OK", "1 OK");
        assertThat(medium.read(1)).isEqualTo(12);
    }

    /** The old card may still carry out what it was given, until it is known to be over. */
    @Test
    void nothingIsReissuedBeforeTheOldPathIsOver() {
        FakeDevice second = new FakeDevice("b", medium);
        bench.come(second, "2#1");
        write(1, 11, 0);
        device.yank();
        bench.volumes.go(path);
        assertThat(poll()).isZero();
        assertThat(second.pending()).as("given to the second path").isZero();
        assertThat(write(1, 12, 1)).isFalse();
        device.execute(0);
        assertThat(medium.read(1)).as("the old path is still at work").isEqualTo(11);
        device.end();
        assertThat(poll()).isZero();
        assertThat(second.pending()).isEqualTo(1);
        assertThat(bench.volume().state()).isEqualTo(VolumeState.UP);
        second.executeAll();
        assertThat(poll()).isEqualTo(1);
        assertThat(ends).containsExactly("0 OK");
    }

    @Test
    void pathThatIsNeverOverFailsWhatItHadAndItsMemoryIsNotUsedAgain() throws Exception {
        FakeDevice second = new FakeDevice("b", medium);
        bench.come(second, "2#1");
        write(1, 11, 0);
        device.yank();
        bench.volumes.go(path);
        assertThat(poll()).isZero();
        bench.works.pass(Bench.HOLD.toNanos() + 1);
        assertThat(poll()).isEqualTo(1);
        assertThat(ends).containsExactly("0 GONE");
        assertThatThrownBy(() -> write(2, 12, 1)).isInstanceOf(DeviceGoneException.class)
                .hasMessageContaining("open another queue");
        queue.close();
        assertThat(memory.scope().isAlive()).isTrue();
        queue = bench.volume().openQueue(DEPTH);
        memory = queue.allocate(64);
        assertThat(write(2, 12, 1)).isTrue();
        second.executeAll();
        poll();
        assertThat(ends).containsExactly("0 GONE", "1 OK");
    }

    @Test
    void whenTheTimeIsUpEachRequestFailsOnceAndTheQueueGoesOnWhenTheMediumIsBack() throws Exception {
        write(1, 11, 0);
        write(2, 12, 1);
        bench.go(path, device);
        assertThat(poll()).isZero();
        bench.works.pass(Bench.HOLD.toNanos() - 1);
        assertThat(poll()).isZero();
        bench.works.pass(2);
        assertThat(bench.volume().state()).isEqualTo(VolumeState.FAILED);
        assertThat(poll()).isEqualTo(2);
        assertThat(ends).containsExactly("0 GONE", "1 GONE");
        assertThat(poll()).isZero();
        assertThatThrownBy(() -> write(1, 13, 2)).isInstanceOf(DeviceGoneException.class)
                .hasMessageContaining("volume/medium")
                .hasMessageContaining("did not come back");
        assertThatThrownBy(() -> queue.await(Deadline.afterMillis(30_000))).isInstanceOf(DeviceGoneException.class);
        comeBack("1#1").automatic();
        assertThat(bench.volume().state()).isEqualTo(VolumeState.UP);
        assertThat(write(1, 13, 2)).isTrue();
        poll();
        assertThat(ends).last().isEqualTo("2 OK");
    }

    @Test
    void copiesAreNotRepeated() {
        assertThat(queue.copy(List.of(new BlockRange(0, 1)), 5, RequestOptions.NONE, 0)).isTrue();
        write(1, 11, 1);
        bench.go(path, device);
        assertThat(poll()).isZero();
        comeBack("1#1").automatic();
        poll();
        poll();
        assertThat(ends).containsExactly("0 ABORTED", "1 OK");
        assertThat(bench.volume().statistics().abandoned()).isEqualTo(1);
    }

    @Test
    void requestThatNoPathSurvivesIsGivenUp() {
        write(1, 11, 0);
        for (int round = 0; ends.isEmpty(); round++) {
            assertThat(round).isLessThan(20);
            bench.go(path, device);
            poll();
            device = comeBack("1#1");
            poll();
        }
        assertThat(ends).containsExactly("0 ABORTED");
    }

    /** In order, the driver completes what it has before it goes: nothing is reissued. */
    @Test
    void pathThatLeavesInOrderCompletesWhatItHas() {
        write(1, 11, 0);
        bench.volumes.go(path);
        assertThat(write(1, 12, 1)).as("taken by a path that leaves").isFalse();
        device.executeAll();
        assertThat(poll()).isEqualTo(1);
        device.end();
        comeBack("1#1").automatic();
        assertThat(write(1, 12, 1)).isTrue();
        poll();
        assertThat(ends).containsExactly("0 OK", "1 OK");
        assertThat(bench.volume().statistics().reissued()).isZero();
        assertThat(bench.volume().statistics().pauses()).isEqualTo(1);
    }

    @Test
    void losingOneOfTwoPathsCostsARetry() {
        FakeDevice second = new FakeDevice("b", medium).automatic();
        bench.come(second, "2#1");
        write(1, 11, 0);
        bench.go(path, device);
        assertThat(poll()).isZero();
        assertThat(poll()).isEqualTo(1);
        assertThat(ends).containsExactly("0 OK");
        assertThat(bench.volume().state()).isEqualTo(VolumeState.UP);
        assertThat(bench.volume().statistics().pathsLost()).isEqualTo(1);
    }

    @Test
    void memoryOutlivesPathsAndIsFreedWithTheQueue() throws Exception {
        bench.go(path, device);
        poll();
        MemorySegment more = queue.allocate(4096);
        FakeDevice next = comeBack("1#1").automatic();
        more.set(ValueLayout.JAVA_LONG, 0, 21);
        memory.set(ValueLayout.JAVA_LONG, 0, 22);
        assertThat(queue.write(3, 1, more, 0, 0)).isTrue();
        assertThat(queue.write(4, 1, memory, 0, 1)).isTrue();
        queue.submit();
        poll();
        assertThat(medium.read(3)).isEqualTo(21);
        assertThat(medium.read(4)).isEqualTo(22);
        MemorySegment latest = queue.allocate(8);
        assertThat(queue.read(3, 1, latest, 0, 0)).isTrue();
        queue.submit();
        poll();
        assertThat(latest.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(21);
        queue.close();
        assertThat(memory.scope().isAlive()).isFalse();
        assertThat(latest.scope().isAlive()).isFalse();
        next.end();
    }

    @Test
    void memoryThatADeviceMayReachIsKept() {
        write(1, 11, 0);
        device.yank();
        bench.volumes.go(path);
        queue.close();
        assertThat(memory.scope().isAlive()).as("kept while the device is not over").isTrue();
        device.end();
        assertThat(memory.scope().isAlive()).isFalse();
    }

    @Test
    void memoryIsReachedAlsoIfAnotherBufferWasTakenBackWhileThePathWasMadeReady() throws Exception {
        device.broken(call -> {
            if (call.equals("map")) {
                bench.go(path, device);
                comeBack("1#1"); // has the buffer as well, until it is taken back
                throw new IllegalArgumentException("of no use");
            }
        });
        assertThatThrownBy(() -> queue.allocate(64)).hasMessage("of no use");
        MemorySegment other = queue.allocate(64);
        assertThat(poll()).isZero();
        assertThat(queue.read(1, 1, other, 0, 0)).isTrue();
    }

    @Test
    void completionThatComesTwiceIsReportedOnce() {
        FakeQueue[] inner = new FakeQueue[1];
        FakeDevice liar = new FakeDevice("liar", medium) {
            @Override
            public BlockQueue openQueue(org.busbar.block.QueueOptions options) throws BlockIOException {
                inner[0] = (FakeQueue) super.openQueue(options);
                inner[0].lie();
                return inner[0];
            }
        }.automatic();
        bench.go(path, device);
        bench.come(liar, "1#1");
        poll();
        assertThat(write(1, 11, 0)).isTrue();
        poll();
        assertThat(write(1, 12, 0)).isTrue();
        poll();
        assertThat(ends).containsExactly("0 OK", "0 OK");
        assertThat(queue.inFlight()).isZero();
    }

    @Test
    void refusalsOfTheDeviceAreTheCallers() {
        device.refusing(new BlockIOException(BlockStatus.DEVICE_ERROR, -1, "all queues are open"));
        assertThatThrownBy(() -> bench.volume().openQueue(1)).hasMessageContaining("all queues are open");
        assertThatThrownBy(() -> write(99, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(queue.inFlight()).isZero();
        assertThat(write(1, 1, 0)).isTrue();
    }

    @Test
    void deviceThatHasNoQueueLeftAfterItCameBackIsAskedAgain() {
        bench.go(path, device);
        poll();
        FakeDevice next = new FakeDevice("b", medium).automatic();
        next.refusing(new BlockIOException(BlockStatus.DEVICE_ERROR, -1, "all queues are open"));
        bench.come(next, "1#1");
        assertThat(write(1, 11, 0)).isFalse();
        next.refusing(null);
        bench.works.pass(1_000_000_000);
        assertThat(write(1, 11, 0)).isTrue();
        poll();
        assertThat(ends).containsExactly("0 OK");
    }

    @Test
    void afterAClosedQueueEverythingFails() {
        queue.close();
        queue.close();
        assertThatThrownBy(() -> write(1, 11, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(this::poll).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queue.await(Deadline.afterMillis(1))).isInstanceOf(IllegalStateException.class);
        assertThat(device.pending()).isZero();
    }
}
