package org.busbar.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.volume.VolumeState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a volume whose driver throws what it should not, or does not answer. */
@Timeout(60)
final class BrokenDriverTest {

    private static final int DEPTH = 4;
    /** A quarter of it passes between two looks. */
    private static final long LOOK = Bench.PATIENCE.toNanos() / 4;

    private final Bench bench = new Bench();
    private final FakeMedium medium = new FakeMedium(16);
    private final List<String> ends = new ArrayList<>();
    private FakeDevice device;
    private Path path;
    private BlockQueue queue;
    private MemorySegment memory;

    @BeforeEach
    void open() throws Exception {
        device = new FakeDevice("a", medium);
        path = bench.come(device, "1#1");
        queue = bench.volume().openQueue(DEPTH);
        memory = queue.allocate(64);
    }

    private void write(long block, long value, long tag) {
        memory.set(ValueLayout.JAVA_LONG, tag * 8, value);
        assertThat(queue.write(block, 1, memory, tag * 8, tag)).isTrue();
        queue.submit();
    }

    private int poll() {
        return queue.poll((tag, status) -> ends.add(tag + " " + status), DEPTH);
    }

    /** The core has taken the device from its driver, and has it probed again. */
    private FakeDevice removedAndProbedAgain() {
        volumesGo();
        device.end();
        FakeDevice next = new FakeDevice("b", medium);
        path = bench.come(next, "1#1");
        return next;
    }

    private void volumesGo() {
        bench.volumes.go(path);
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            bench.works.pass(LOOK);
        }
    }

    private static FakeDevice.BrokenCode throwing(String at) {
        return call -> {
            if (call.equals(at)) {
                throw new IllegalStateException("broken");
            }
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"write", "submit", "poll"})
    void L5_driverThatThrowsIsReportedAndItsRequestsGoOnWithTheNext(String call) {
        write(1, 11, 0);
        device.broken(throwing(call));
        write(2, 12, 1);
        assertThat(poll()).isZero();
        assertThat(bench.faults)
                .singleElement()
                .asString()
                .startsWith("1#1: ")
                .contains("has thrown java.lang.IllegalStateException: broken, at ");
        assertThat(bench.volume().state()).isEqualTo(VolumeState.HELD);
        assertThat(poll()).as("while its device is not over").isZero();
        FakeDevice next = removedAndProbedAgain();
        assertThat(poll()).isZero();
        assertThat(next.pending()).isEqualTo(2);
        next.executeAll();
        assertThat(poll()).isEqualTo(2);
        assertThat(ends).containsExactly("0 OK", "1 OK");
        assertThat(medium.read(1)).isEqualTo(11);
        assertThat(medium.read(2)).isEqualTo(12);
        assertThat(bench.faults).hasSize(1);
    }

    @Test
    void L5_driverThatThrowsIsNotCalledAgainButToCloseWhatIsOpen() {
        List<String> calls = new ArrayList<>();
        device.broken(call -> {
            calls.add(call);
            throwing("submit").run(call);
        });
        write(1, 11, 0);
        assertThat(poll()).isZero();
        assertThat(poll()).isZero();
        removedAndProbedAgain();
        assertThat(poll()).isZero();
        assertThat(calls).containsExactly("write", "submit", "close");
    }

    @Test
    void whatTheApplicationsOwnCodeThrowsIsNotHeldAgainstTheDriver() {
        write(1, 11, 0);
        device.executeAll();
        assertThatThrownBy(() -> queue.poll(
                (tag, status) -> {
                    throw new IllegalStateException("the application's");
                },
                1))
                .hasMessage("the application's");
        assertThat(bench.faults).isEmpty();
        assertThat(bench.volume().state()).isEqualTo(VolumeState.UP);
    }

    @Test
    void wrongArgumentsAreNotHeldAgainstTheDriver() {
        assertThatThrownBy(() -> queue.read(99, 1, memory, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(queue.inFlight()).isZero();
        assertThat(bench.faults).isEmpty();
    }

    @Test
    void L5_driverThatThrowsWhenAQueueIsOpenedIsReported() throws Exception {
        device.broken(throwing("openQueue"));
        BlockQueue second = bench.volume().openQueue(DEPTH);
        assertThat(bench.faults).singleElement().asString().contains("the opening of a queue has thrown");
        FakeDevice next = removedAndProbedAgain();
        MemorySegment own = second.allocate(8);
        assertThat(second.read(0, 1, own, 0, 7)).isTrue();
        second.submit();
        assertThat(next.pending()).isEqualTo(1);
    }

    @Test
    void L5_blockingCallThatThrowsIsMadeAgainWithTheNextDriver() throws Exception {
        device.broken(throwing("read"));
        medium.write(3, 33, true);
        ByteBuffer target = ByteBuffer.allocate(8);
        Thread coming = Thread.ofPlatform().start(() -> {
            while (bench.faults.isEmpty()) {
                Thread.onSpinWait();
            }
            removedAndProbedAgain();
        });
        bench.volume().read(3, target, Deadline.afterMillis(30_000));
        coming.join();
        assertThat(target.getLong(0)).isEqualTo(33);
        assertThat(bench.faults).singleElement().asString().contains("a read has thrown");
    }

    @Test
    void L5_requestThatNeverEndsThoughItsOwnerLooksIsHeldAgainstTheDriver() {
        write(1, 11, 0);
        for (int i = 0; i < 6; i++) {
            assertThat(poll()).isZero();
            look(1);
        }
        assertThat(bench.faults).as("not yet").isEmpty();
        assertThat(poll()).isZero();
        look(1);
        assertThat(bench.faults)
                .singleElement()
                .asString()
                .isEqualTo("1#1: a write of 1 blocks at 1 has not ended for 5000 ms");
        FakeDevice next = removedAndProbedAgain();
        assertThat(poll()).isZero();
        next.executeAll();
        assertThat(poll()).isEqualTo(1);
        assertThat(ends).containsExactly("0 OK");
    }

    @Test
    void requestWhoseOwnerDoesNotLookIsNotHeldAgainstTheDriver() {
        write(1, 11, 0);
        device.executeAll();
        look(50);
        assertThat(bench.faults).isEmpty();
        assertThat(poll()).isEqualTo(1);
        assertThat(ends).containsExactly("0 OK");
    }

    @Test
    void requestsThatEndAreNotTakenForOneThatDoesNot() {
        for (int i = 0; i < 50; i++) {
            write(1, i, 0);
            look(1);
            device.executeAll();
            assertThat(poll()).isEqualTo(1);
        }
        assertThat(bench.faults).isEmpty();
    }

    @Test
    void applicationThatTakesItsTimeOverACompletionIsNotHeldAgainstTheDriver() {
        write(1, 11, 0);
        device.executeAll();
        queue.poll((tag, status) -> {
            look(20);
            write(2, 12, 1);
            look(20);
        }, DEPTH);
        assertThat(bench.faults).isEmpty();
        assertThat(bench.volume().state()).isEqualTo(VolumeState.UP);
    }

    @Test
    void L5_callThatDoesNotReturnIsFoundAlsoIfACompletionMakesIt() {
        write(1, 11, 0);
        device.executeAll();
        device.broken(call -> {
            if (call.equals("write")) {
                look(7);
            }
        });
        queue.poll((tag, status) -> write(2, 12, 1), DEPTH);
        assertThat(bench.faults).singleElement().asString().contains("a call of its queue has not returned");
    }

    @Test
    void requestsThatHaveEndedAndWaitForTheirOwnerAreNotHeldAgainstTheDriver() throws Exception {
        int many = 16;
        BlockQueue deep = bench.volume().openQueue(many);
        MemorySegment own = deep.allocate(64);
        for (int round = 0; round < 10; round++) {
            for (int tag = 0; tag < many; tag++) {
                assertThat(deep.write(tag, 1, own, 0, tag)).isTrue();
            }
            deep.submit();
            device.executeAll();
            for (int tag = 0; tag < many; tag++) {
                deep.await(Deadline.afterMillis(30_000));
                assertThat(deep.poll((ended, status) -> {}, 1)).isEqualTo(1);
                look(2);
            }
        }
        assertThat(bench.faults).isEmpty();
    }

    @Test
    void L5_requestThatNeverEndsIsFoundAlsoByAnOwnerWhoTakesOneCompletionAtATime() throws Exception {
        write(1, 11, 0);
        for (int i = 0; i < 100 && bench.faults.isEmpty(); i++) {
            write(2, i, 1);
            device.execute(1);
            queue.await(Deadline.afterMillis(30_000));
            assertThat(queue.poll((tag, status) -> {}, 1)).isEqualTo(1);
            look(1);
        }
        assertThat(bench.faults).singleElement().asString().contains("a write of 1 blocks at 1 has not ended for ");
    }

    @Test
    void machineThatWasAsleepIsNotHeldAgainstTheDriver() {
        write(1, 11, 0);
        assertThat(poll()).isZero();
        look(1);
        assertThat(poll()).isZero();
        bench.works.pass(Duration.ofHours(8).toNanos());
        assertThat(poll()).isZero();
        assertThat(bench.faults).isEmpty();
        device.executeAll();
        assertThat(poll()).isEqualTo(1);
    }

    @Test
    void L5_callThatDoesNotReturnIsHeldAgainstTheDriver() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        device.broken(call -> {
            if (call.equals("poll")) {
                inside.countDown();
                awaitQuietly(released);
            }
        });
        write(1, 11, 0);
        Thread owner = Thread.ofPlatform().start(this::poll);
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        look(7);
        assertThat(bench.faults)
                .singleElement()
                .asString()
                .contains("a call of its queue has not returned for 5000 ms, it is at ");
        FakeDevice next = removedAndProbedAgain();
        released.countDown();
        owner.join();
        assertThat(poll()).isZero();
        next.executeAll();
        assertThat(poll()).isEqualTo(1);
        assertThat(ends).containsExactly("0 OK");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void L8_pathThatIsOverEndsItsRequestsThoughItsDriverSaysNothing() {
        write(1, 11, 0);
        volumesGo();
        assertThat(poll()).as("its device may still carry it out").isZero();
        device.forget();
        assertThat(poll()).isZero();
        FakeDevice next = new FakeDevice("b", medium);
        path = bench.come(next, "1#1");
        assertThat(poll()).isZero();
        assertThat(next.pending()).isEqualTo(1);
        next.executeAll();
        assertThat(poll()).isEqualTo(1);
        assertThat(ends).containsExactly("0 OK");
    }

    @Test
    void requestsOfABrokenDriverWhoseDeviceIsNeverOverFailWhenTimeIsUp() {
        device.broken(throwing("poll"));
        write(1, 11, 0);
        assertThat(poll()).isZero();
        bench.works.pass(Bench.HOLD.toNanos() + 1);
        assertThat(poll()).isEqualTo(1);
        assertThat(ends).containsExactly("0 " + BlockStatus.GONE);
    }
}
