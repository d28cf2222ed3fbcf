package org.busbar.emulator.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.busbar.emulator.Wire;
import org.junit.jupiter.api.Test;

/** What wires do to frames. The clock stands still unless it is set. */
class WiresTest {

    private static final int LENGTH = 60;

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1000);
    private final NetworkSwitch network = new NetworkSwitch(clock::get);
    private final WireControl wire = new WireControl();
    private final SwitchPort sender = network.attach("sender", () -> {});
    private final SwitchPort receiver = network.attach("receiver", () -> {}, wire);
    private final MemorySegment buffer = Arena.ofAuto().allocate(LENGTH, 8);

    private void send(int from, int to) {
        for (int i = from; i < to; i++) {
            buffer.fill((byte) 0xff);
            buffer.set(ValueLayout.JAVA_INT, 56, i);
            buffer.set(ValueLayout.JAVA_BYTE, 6, (byte) 2);
            assertThat(sender.send(buffer, 0, LENGTH)).isTrue();
        }
    }

    private List<Integer> receiveAll() {
        List<Integer> numbers = new ArrayList<>();
        while (receiver.receive(buffer, 0, LENGTH) != 0) {
            numbers.add(buffer.get(ValueLayout.JAVA_INT, 56));
        }
        return numbers;
    }

    private static List<Integer> numbers(int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    @Test
    void aDelayIsTheSameForAllFramesAndKeepsTheirOrder() {
        wire.set(Wire.parse("delay=2ms"));
        send(0, 5);
        assertThat(receiver.waiting()).isZero();
        assertThat(receiver.due()).isEqualTo(2_000_000);
        clock.addAndGet(1_000_000);
        send(5, 8);
        clock.addAndGet(999_999);
        assertThat(receiver.waiting()).isZero();
        clock.addAndGet(1);
        assertThat(receiver.waiting()).isEqualTo(5);
        assertThat(receiver.due()).isEqualTo(1_000_000);
        clock.addAndGet(1_000_000);
        assertThat(receiveAll()).isEqualTo(numbers(8));
        assertThat(receiver.due()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void lossAndDuplicationHitTheirShareAndTheSameFramesEachTime() {
        wire.set(Wire.parse("loss=10% dup=20% seed=7"));
        send(0, 1000);
        List<Integer> first = receiveAll();
        Set<Integer> different = new TreeSet<>(first);
        assertThat(different.size()).isBetween(850, 950);
        assertThat((double) (first.size() - different.size()) / different.size()).isBetween(0.15, 0.25);
        wire.set(Wire.parse("loss=10% dup=20% seed=7"));
        send(0, 1000);
        assertThat(receiveAll()).isEqualTo(first);
        wire.set(Wire.parse("loss=10% dup=20% seed=8"));
        send(0, 1000);
        assertThat(receiveAll()).isNotEqualTo(first);
    }

    /** How often and where frames are lost does not depend on what else happens to frames. */
    @Property(tries = 50)
    void lossIsTheSameWhateverElseTheWireDoes(@ForAll @IntRange(min = 1, max = 100_000) int seed) {
        wire.set(Wire.parse("loss=30% seed=" + seed));
        send(0, 100);
        List<Integer> plain = receiveAll();
        wire.set(Wire.parse("loss=30% dup=50% reorder=50% delay=1us jitter=7us seed=" + seed));
        send(0, 100);
        clock.addAndGet(1_000_000_000);
        assertThat(new TreeSet<>(receiveAll())).isEqualTo(new TreeSet<>(plain));
    }

    @Test
    void aReorderedFrameComesRightAfterTheNextOneOrWhenNothingFollows() {
        wire.set(Wire.parse("reorder=100%"));
        send(0, 6);
        assertThat(receiveAll()).containsExactly(1, 0, 3, 2, 5, 4);
        send(6, 7);
        assertThat(receiver.waiting()).isZero();
        clock.addAndGet(DelayLine.PATIENCE);
        assertThat(receiveAll()).containsExactly(6);
        send(7, 9);
        assertThat(receiveAll()).containsExactly(8, 7);
    }

    @Test
    void corruptionFlipsOneBitBehindTheAddressesAndIsKnownToTheReceiver() {
        wire.set(Wire.parse("corrupt=100%"));
        send(0, 200);
        int damaged = 0;
        while (receiver.receive(buffer, 0, LENGTH) != 0) {
            assertThat(receiver.damaged()).isTrue();
            int flipped = 0;
            for (int i = 0; i < 56; i++) {
                int expected = i == 6 ? 2 : 0xff;
                int difference = (buffer.get(ValueLayout.JAVA_BYTE, i) & 0xff) ^ expected;
                assertThat(i < 14 ? difference : 0).isZero();
                flipped += Integer.bitCount(difference);
            }
            assertThat(flipped).isLessThanOrEqualTo(1);
            damaged += flipped;
        }
        assertThat(damaged).isGreaterThan(150);
        wire.set(Wire.PERFECT);
        send(0, 1);
        receiver.receive(buffer, 0, LENGTH);
        assertThat(receiver.damaged()).isFalse();
    }

    @Test
    void whatIsOnTheWireArrivesWhenItIsExchangedAndIsLostWhenItIsUnplugged() {
        wire.set(Wire.parse("delay=1s reorder=50%"));
        send(0, 20);
        wire.set(Wire.PERFECT);
        assertThat(receiver.waiting()).isEqualTo(20);
        receiveAll();
        wire.set(Wire.parse("delay=1s"));
        send(0, 3);
        wire.set(Wire.parse("down"));
        clock.addAndGet(2_000_000_000L);
        assertThat(receiver.waiting()).isZero();
        assertThat(receiver.send(buffer, 0, LENGTH)).as("neither way").isFalse();
        send(3, 6);
        assertThat(receiver.waiting()).isZero();
        assertThat(receiver.isPluggedIn()).isFalse();
        wire.set(Wire.PERFECT);
        send(6, 7);
        assertThat(receiveAll()).containsExactly(6);
    }

    @Test
    void whatDoesNotFitOnTheWireIsDroppedAndCounted() {
        wire.set(Wire.parse("delay=1s"));
        int sent = 0;
        while (receiver.dropped() == 0) {
            send(sent, ++sent);
        }
        assertThat(sent * LENGTH).isBetween(SwitchPort.BACKLOG / 2, SwitchPort.BACKLOG + 2 * LENGTH);
        clock.addAndGet(1_000_000_000);
        assertThat(receiver.waiting()).isPositive();
    }
}
