package org.busbar.shell.nvme.internal.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PagesTest {

    private record Piece(int at, int bytes) {}

    @Property
    void piecesNeverOverlapAndEverythingComesBack(
            @ForAll @Size(min = 1, max = 200) List<@IntRange(min = 1, max = 40_000) Integer> sizes) {
        Pages pages = new Pages(128 << 10);
        List<Piece> taken = new ArrayList<>();
        for (int bytes : sizes) {
            int at = pages.take(bytes);
            if (at < 0) {
                Piece oldest = taken.removeFirst();
                pages.release(oldest.at(), oldest.bytes());
                continue;
            }
            assertThat(at % Pages.PAGE).isZero();
            assertThat(at + bytes).isLessThanOrEqualTo(128 << 10);
            assertThat(taken).noneMatch(piece -> at < piece.at() + piece.bytes() && piece.at() < at + bytes);
            taken.add(new Piece(at, bytes));
        }
        taken.forEach(piece -> pages.release(piece.at(), piece.bytes()));
        assertThat(pages.take(128 << 10)).isZero();
        assertThat(pages.take(1)).isNegative();
    }
}
