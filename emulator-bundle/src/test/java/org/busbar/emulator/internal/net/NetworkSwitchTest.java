package org.busbar.emulator.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Frames between ports. */
class NetworkSwitchTest {

    private static final long EVERYBODY = 0xffff_ffff_ffffL;

    private final NetworkSwitch network = new NetworkSwitch();
    private final AtomicInteger arrivals = new AtomicInteger();
    private final SwitchPort a = network.attach("a", arrivals::incrementAndGet);
    private final SwitchPort b = network.attach("b", arrivals::incrementAndGet);
    private final SwitchPort c = network.attach("c", arrivals::incrementAndGet);
    private final MemorySegment buffer = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME);

    @Test
    void unknownAndGroupAddressesGoToAllOthersAndKnownOnesToTheirPort() {
        assertThat(a.send(frame(EVERYBODY, 0xa, 60), 0, 60)).isTrue();
        assertThat(waiting()).containsExactly(0, 1, 1);
        b.send(frame(0xa, 0xb, 60), 0, 60);
        assertThat(waiting()).containsExactly(1, 1, 1);
        c.send(frame(0xdd, 0xc, 60), 0, 60);
        assertThat(waiting()).containsExactly(2, 2, 1);
        a.send(frame(0xa, 0xa, 60), 0, 60);
        assertThat(waiting()).as("to itself: nowhere").containsExactly(2, 2, 1);
        assertThat(arrivals).hasValue(5);
        assertThat(a.receive(buffer, 0, 2048)).isEqualTo(60);
        assertThat(buffer.get(ValueLayout.JAVA_BYTE, 11)).isEqualTo((byte) 0xb);
    }

    @Test
    void anAddressMovesWithItsFramesAndIsForgottenWithItsPort() {
        a.send(frame(EVERYBODY, 0xe, 60), 0, 60);
        b.send(frame(EVERYBODY, 0xe, 60), 0, 60);
        c.send(frame(0xe, 0xc, 60), 0, 60);
        assertThat(waiting()).containsExactly(1, 2, 1 + 1);
        b.close();
        c.send(frame(0xe, 0xc, 60), 0, 60);
        assertThat(waiting()).containsExactly(2, 0, 2);
        assertThat(b.send(frame(0xe, 0xb, 60), 0, 60)).isFalse();
    }

    @Test
    void whatDoesNotFitIsDroppedAndCounted() {
        int sent = 0;
        while (b.dropped() == 0) {
            a.send(frame(EVERYBODY, 0xa, 1514), 0, 1514);
            sent++;
        }
        assertThat(b.waiting()).isEqualTo(sent - 1).isGreaterThan(500);
        assertThat(a.send(frame(EVERYBODY, 0xa, 60), 0, 13)).isFalse();
        assertThat(a.send(buffer, 0, NetworkSwitch.MAX_FRAME + 1)).isFalse();
    }

    @Test
    void aLinkThatIsDownCarriesNothing() {
        b.link(false);
        a.send(frame(EVERYBODY, 0xa, 60), 0, 60);
        assertThat(waiting()).containsExactly(0, 0, 1);
        assertThat(b.send(frame(EVERYBODY, 0xb, 60), 0, 60)).isFalse();
        b.link(true);
        a.send(frame(EVERYBODY, 0xa, 60), 0, 60);
        assertThat(waiting()).containsExactly(0, 1, 2);
    }

    @Property(tries = 200)
    void aQueueKeepsOrderAndContentAcrossItsEnd(
            @ForAll @Size(min = 1, max = 300) int[] lengths, @ForAll @IntRange(min = 1, max = 5) int burst) {
        FrameQueue queue = new FrameQueue(4096);
        Deque<byte[]> expected = new ArrayDeque<>();
        for (int i = 0; i < lengths.length; i++) {
            byte[] frame = new byte[14 + Math.floorMod(lengths[i], 1500)];
            Arrays.fill(frame, (byte) i);
            MemorySegment.copy(frame, 0, buffer, ValueLayout.JAVA_BYTE, 0, frame.length);
            if (queue.put(buffer, 0, frame.length)) {
                expected.add(frame);
            }
            if (i % burst == 0) {
                check(queue, expected);
            }
        }
        while (!expected.isEmpty()) {
            check(queue, expected);
        }
        assertThat(queue.take(buffer, 0, 2048)).isZero();
    }

    private void check(FrameQueue queue, Deque<byte[]> expected) {
        byte[] frame = expected.poll();
        if (frame == null) {
            return;
        }
        assertThat(queue.take(buffer, 0, 2048)).isEqualTo(frame.length);
        assertThat(buffer.asSlice(0, frame.length).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(frame);
    }

    private int[] waiting() {
        return new int[] {a.waiting(), b.waiting(), c.waiting()};
    }

    private MemorySegment frame(long destination, long source, int length) {
        buffer.asSlice(0, length).fill((byte) 0);
        for (int i = 0; i < 6; i++) {
            buffer.set(ValueLayout.JAVA_BYTE, i, (byte) (destination >>> (40 - 8 * i)));
            buffer.set(ValueLayout.JAVA_BYTE, 6 + i, (byte) (source >>> (40 - 8 * i)));
        }
        return buffer;
    }
}
