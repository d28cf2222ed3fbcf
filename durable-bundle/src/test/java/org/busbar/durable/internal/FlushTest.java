package org.busbar.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a flush means when the medium was away. */
final class FlushTest {

    private final Bench bench = new Bench();
    private final FakeMedium medium = new FakeMedium(16);
    private final List<String> ends = new ArrayList<>();
    private FakeDevice device;
    private Path path;
    private Volume volume;
    private BlockQueue queue;
    private MemorySegment memory;

    @BeforeEach
    void open() throws BlockIOException {
        device = new FakeDevice("a", medium).automatic();
        path = bench.come(device, "1#1");
        volume = bench.volume();
        queue = volume.openQueue(4);
        memory = queue.allocate(64);
    }

    private void write(RequestOptions options) {
        memory.set(ValueLayout.JAVA_LONG, 0, 11);
        assertThat(queue.write(1, 1, memory, 0, options, 1)).isTrue();
        queue.submit();
        poll(queue);
    }

    private void flush(BlockQueue which) {
        assertThat(which.flush(2)).isTrue();
        which.submit();
        poll(which);
    }

    private void poll(BlockQueue which) {
        which.poll((tag, status) -> ends.add(tag + " " + status), 4);
    }

    private void swap(String place) {
        bench.go(path, device);
        poll(queue);
        if (!place.equals(path.place())) {
            medium.losePower();
        }
        device = new FakeDevice("b", medium).automatic();
        path = bench.come(device, place);
        poll(queue);
    }

    private static Deadline soon() {
        return Deadline.afterMillis(30_000);
    }

    @Test
    void driverSwapLosesNothing() {
        write(RequestOptions.NONE);
        swap("1#1");
        flush(queue);
        assertThat(ends).containsExactly("1 OK", "2 OK");
        assertThat(volume.statistics().powerLosses()).isZero();
    }

    @Test
    void cardThatWasOutFailsTheNextFlushOnce() {
        write(RequestOptions.NONE);
        swap("1#2");
        flush(queue);
        flush(queue);
        assertThat(ends).containsExactly("1 OK", "2 WRITES_LOST", "2 OK");
        assertThat(volume.statistics().powerLosses()).isEqualTo(1);
    }

    @Test
    void cardThatWasOutWithEverythingFlushedFailsNothing() {
        write(RequestOptions.NONE);
        flush(queue);
        swap("1#2");
        flush(queue);
        assertThat(ends).containsExactly("1 OK", "2 OK", "2 OK");
        assertThat(volume.statistics().powerLosses()).isZero();
    }

    @Test
    void durableWritesNeedNoFlush() {
        write(RequestOptions.DURABLE);
        swap("1#2");
        flush(queue);
        assertThat(ends).containsExactly("1 OK", "2 OK");
        assertThat(medium.read(1)).isEqualTo(11);
    }

    @Test
    void eachQueueIsToldAndSoAreThoseWhoBlock() throws Exception {
        BlockQueue other = volume.openQueue(4);
        write(RequestOptions.NONE);
        swap("1#2");
        poll(other);
        flush(other);
        flush(queue);
        assertThat(ends).containsExactly("1 OK", "2 WRITES_LOST", "2 WRITES_LOST");
        assertThatThrownBy(() -> volume.flush(soon())).isInstanceOfSatisfying(
                BlockIOException.class, e -> assertThat(e.status()).isEqualTo(BlockStatus.WRITES_LOST));
        assertThatCode(() -> volume.flush(soon())).doesNotThrowAnyException();
    }

    /** A flush of another queue makes durable what this one has written, and tells nobody wrong. */
    @Test
    void flushOfOneQueueCoversWhatTheOthersHaveWritten() throws Exception {
        BlockQueue other = volume.openQueue(4);
        write(RequestOptions.NONE);
        flush(other);
        swap("1#2");
        flush(queue);
        assertThat(ends).containsExactly("1 OK", "2 OK", "2 OK");
        assertThat(medium.read(1)).isEqualTo(11);
    }

    @Test
    void queueThatWasClosedHasItsLossToldToTheNext() throws Exception {
        write(RequestOptions.NONE);
        queue.close();
        bench.go(path, device);
        medium.losePower();
        bench.come(new FakeDevice("b", medium).automatic(), "1#2");
        queue = volume.openQueue(4);
        flush(queue);
        flush(queue);
        assertThat(ends).containsExactly("1 OK", "2 WRITES_LOST", "2 OK");
    }

    /** The write in flight when the card went was not acknowledged; it is written again. */
    @Test
    void writeInFlightIsNoLoss() throws Exception {
        FakeDevice slow = new FakeDevice("slow", medium);
        bench.go(path, device);
        poll(queue);
        device = slow;
        path = bench.come(slow, "1#1");
        poll(queue);
        memory.set(ValueLayout.JAVA_LONG, 0, 11);
        assertThat(queue.write(1, 1, memory, 0, 1)).isTrue();
        queue.submit();
        swap("1#2");
        poll(queue);
        flush(queue);
        assertThat(ends).containsExactly("1 OK", "2 OK");
        assertThat(medium.durable(1)).isEqualTo(11);
    }

    @Test
    void everyFlushInFlightFailsIfWhatItWasToMakeDurableIsLost() throws Exception {
        write(RequestOptions.NONE);
        FakeDevice slow = new FakeDevice("slow", medium);
        bench.go(path, device);
        poll(queue);
        device = slow;
        path = bench.come(slow, "1#1");
        poll(queue);
        assertThat(queue.flush(2)).isTrue();
        assertThat(queue.flush(3)).isTrue();
        queue.submit();
        swap("1#2");
        poll(queue);
        assertThat(ends).as("both were to make it durable").containsExactly("1 OK", "2 WRITES_LOST", "3 WRITES_LOST");
    }

    @Test
    void deviceWithoutACacheLosesNothing() throws Exception {
        Bench plain = new Bench();
        FakeDevice first = new FakeDevice("a", medium, Set.of()).automatic();
        Path way = plain.come(first, "1#1");
        Volume simple = plain.volume();
        simple.write(1, ByteBuffer.allocate(8).putLong(0, 11), soon());
        plain.go(way, first);
        plain.come(new FakeDevice("b", medium, Set.of()).automatic(), "1#2");
        assertThatCode(() -> simple.flush(soon())).doesNotThrowAnyException();
    }

    /** As long as one path is there, the medium has power. */
    @Test
    void otherPathKeepsTheMediumUnderPower() throws Exception {
        FakeDevice second = new FakeDevice("b", medium).automatic();
        Path beside = bench.come(second, "2#1");
        write(RequestOptions.NONE);
        bench.go(path, device);
        poll(queue);
        path = bench.come(new FakeDevice("c", medium).automatic(), "1#2");
        bench.go(beside, second);
        poll(queue);
        flush(queue);
        assertThat(ends).containsExactly("1 OK", "2 OK");
    }
}
