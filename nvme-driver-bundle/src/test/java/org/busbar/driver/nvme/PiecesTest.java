package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.busbar.block.BlockRange;
import org.junit.jupiter.api.Test;

class PiecesTest {

    @Property(tries = 300)
    void piecesFollowOneAnotherAndNoneIsLonger(
            @ForAll @Size(max = 8) List<@LongRange(min = 1, max = 50) Long> counts,
            @ForAll @LongRange(min = 1, max = 60) long longest) {
        List<BlockRange> ranges = counts.stream().map(count -> new BlockRange(100 * count, count)).toList();
        Iterator<BlockRange> pieces = new Pieces(ranges, longest).iterator();
        for (BlockRange range : ranges) {
            for (long block = range.first(); block < range.first() + range.count();) {
                BlockRange piece = pieces.next();
                assertThat(piece.first()).isEqualTo(block);
                assertThat(piece.count()).isEqualTo(Math.min(longest, range.first() + range.count() - block));
                block += piece.count();
            }
        }
        assertThat(pieces.hasNext()).isFalse();
        assertThatThrownBy(pieces::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void aTebibyteInSmallPiecesIsNotCutBeforehand() {
        Iterator<BlockRange> pieces = new Pieces(List.of(new BlockRange(0, 1L << 62)), 1).iterator();
        assertThat(pieces.next()).isEqualTo(new BlockRange(0, 1));
        assertThat(pieces.next()).isEqualTo(new BlockRange(1, 1));
    }
}
