package org.busbar.shell.net.internal.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SequenceTest {

    private static Sequence of(long... numbers) {
        Sequence sequence = new Sequence(1);
        for (long number : numbers) {
            sequence.add(number);
        }
        return sequence;
    }

    private static void isLike(Sequence sequence, long unique, long lost, long duplicates, long reordered) {
        assertThat(List.of(sequence.unique(), sequence.lost(), sequence.duplicates(), sequence.reordered()))
                .containsExactly(unique, lost, duplicates, reordered);
    }

    @Test
    void allInOrder() {
        isLike(of(0, 1, 2, 3), 4, 0, 0, 0);
    }

    @Test
    void lostTwiceAndLate() {
        isLike(of(0, 1, 4, 5), 4, 2, 0, 0);
        isLike(of(0, 1, 1, 2), 3, 0, 1, 0);
        isLike(of(0, 2, 1, 3), 4, 0, 0, 1);
        isLike(of(3, 1, 1, 0), 3, 1, 1, 2);
    }

    @Test
    void aJumpOverTheWholeWindowLosesWhatIsBetween() {
        isLike(of(0, 1_000_000, 1_000_001), 3, 999_999, 0, 0);
        isLike(of(0, 65_536, 65_536), 2, 65_535, 1, 0);
    }

    @Property
    void agreesWithASetWithinTheWindow(@ForAll List<@LongRange(max = 60_000) Long> numbers) {
        Sequence sequence = new Sequence(1);
        Set<Long> set = new HashSet<>();
        long duplicates = 0;
        for (long number : numbers) {
            sequence.add(number);
            duplicates += set.add(number) ? 0 : 1;
        }
        long lost = set.isEmpty()
                ? 0
                : set.stream().mapToLong(n -> n).max().orElseThrow()
                        - set.stream().mapToLong(n -> n).min().orElseThrow()
                        + 1
                        - set.size();
        assertThat(sequence.unique()).isEqualTo(set.size());
        assertThat(sequence.duplicates()).isEqualTo(duplicates);
        assertThat(sequence.lost()).isEqualTo(lost);
    }
}
