package org.busbar.shell.nvme.internal.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.busbar.shell.nvme.internal.perf.Stamp.Verdict;

class StampTest {

    private static final int SIZE = 512;

    private static MemorySegment block(long block, long version) {
        MemorySegment memory = Arena.ofAuto().allocate(SIZE, 8);
        Stamp.write(memory, 0, SIZE, block, version);
        return memory;
    }

    @Property
    void aBlockIsRecognised(@ForAll @LongRange(min = 0) long block, @ForAll int run,
            @ForAll @IntRange(min = 1) int generation) {
        long version = Stamp.version(run, generation);
        MemorySegment memory = block(block, version);

        assertThat(Stamp.check(memory, 0, SIZE, block, version)).isEqualTo(Verdict.GOOD);
        assertThat(Stamp.check(memory, 0, SIZE, block, Stamp.ANY)).isEqualTo(Verdict.GOOD);
    }

    @Property
    void anyFlippedBitIsNoticed(
            @ForAll @LongRange(min = 0) long block,
            @ForAll @IntRange(min = 0, max = SIZE - 1) int at,
            @ForAll @IntRange(min = 0, max = 7) int bit) {
        MemorySegment memory = block(block, Stamp.version(1, 1));
        byte old = memory.get(ValueLayout.JAVA_BYTE, at);
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ 1 << bit));

        assertThat(Stamp.check(memory, 0, SIZE, block, Stamp.ANY)).isNotEqualTo(Verdict.GOOD);
    }

    @Property
    void anotherBlocksDataAreNoticed(@ForAll @LongRange(min = 0) long block, @ForAll @LongRange(min = 0) long other) {
        MemorySegment memory = block(other, Stamp.version(1, 1));

        assertThat(Stamp.check(memory, 0, SIZE, block, Stamp.ANY))
                .isEqualTo(block == other ? Verdict.GOOD : Verdict.MISPLACED);
    }

    @Property
    void olderDataAreNoticed(@ForAll @IntRange(min = 2) int generation) {
        MemorySegment memory = block(7, Stamp.version(1, generation - 1));

        assertThat(Stamp.check(memory, 0, SIZE, 7, Stamp.version(1, generation))).isEqualTo(Verdict.STALE);
        assertThat(Stamp.check(memory, 0, SIZE, 7, Stamp.version(2, generation - 1))).isEqualTo(Verdict.STALE);
    }

    @Property
    void halfAWriteIsNoticed(@ForAll @IntRange(min = 1, max = SIZE / 8 - 1) int words) {
        MemorySegment memory = block(7, Stamp.version(1, 1));
        MemorySegment.copy(block(7, Stamp.version(1, 2)), 0, memory, 0, words * 8L);

        Verdict verdict = Stamp.check(memory, 0, SIZE, 7, Stamp.version(1, 2));

        assertThat(verdict).isIn(Verdict.DAMAGED, Verdict.STALE);
    }
}
