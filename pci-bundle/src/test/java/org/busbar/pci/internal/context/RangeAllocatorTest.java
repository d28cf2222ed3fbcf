package org.busbar.pci.internal.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.busbar.pci.host.DmaSpace.Range;
import org.junit.jupiter.api.Test;

class RangeAllocatorTest {

    private static final long PAGE = 4096;

    private record Piece(long address, long size) {
        boolean overlaps(Piece other) {
            return address < other.address + other.size && other.address < address + size;
        }
    }

    /** A sequence of takes (positive: pages) and gives (zero or negative: which piece), against a list of pieces. */
    @Property
    void piecesNeverOverlapAndEverythingComesBackInOnePiece(
            @ForAll @Size(max = 200) List<@IntRange(min = -20, max = 12) Integer> steps) {
        long first = 0x10_0000;
        long bytes = 64 * PAGE;
        RangeAllocator allocator = new RangeAllocator(List.of(new Range(first, first + bytes - 1)), PAGE);
        List<Piece> held = new ArrayList<>();
        for (int step : steps) {
            if (step > 0) {
                take(allocator, step * PAGE, held, first, bytes);
            } else if (!held.isEmpty()) {
                Piece back = held.remove(-step % held.size());
                allocator.give(back.address(), back.size());
            }
            long heldBytes = held.stream().mapToLong(Piece::size).sum();
            assertThat(allocator.freeBytes()).isEqualTo(bytes - heldBytes);
        }
        held.forEach(piece -> allocator.give(piece.address(), piece.size()));
        assertThat(allocator.pieces()).isOne();
        assertThat(allocator.take(bytes)).hasValue(first);
    }

    private static void take(RangeAllocator allocator, long size, List<Piece> held, long first, long bytes) {
        OptionalLong address = allocator.take(size);
        if (address.isEmpty()) {
            assertThat(largestGap(held, first, bytes)).as("no piece is refused that fits").isLessThan(size);
            return;
        }
        Piece piece = new Piece(address.getAsLong(), size);
        assertThat(piece.address() % PAGE).isZero();
        assertThat(piece.address()).isBetween(first, first + bytes - size);
        assertThat(held).noneMatch(piece::overlaps);
        held.add(piece);
    }

    private static long largestGap(List<Piece> held, long first, long bytes) {
        long position = first;
        long largest = 0;
        for (Piece piece : held.stream().sorted((a, b) -> Long.compare(a.address(), b.address())).toList()) {
            largest = Math.max(largest, piece.address() - position);
            position = piece.address() + piece.size();
        }
        return Math.max(largest, first + bytes - position);
    }

    @Test
    void firstFitTakesTheLowestHole() {
        RangeAllocator allocator = new RangeAllocator(List.of(new Range(PAGE, 16 * PAGE - 1)), PAGE);
        long a = allocator.take(2 * PAGE).orElseThrow();
        long b = allocator.take(PAGE).orElseThrow();
        allocator.give(a, 2 * PAGE);

        assertThat(allocator.take(PAGE)).hasValue(a);
        assertThat(allocator.take(2 * PAGE)).as("the hole of one page is too small").hasValue(b + PAGE);
    }

    @Test
    void addressZeroAndPartialPagesAreLeftOut() {
        RangeAllocator allocator = new RangeAllocator(
                List.of(new Range(0, 2 * PAGE + 99), new Range(5 * PAGE + 1, 7 * PAGE - 1)), PAGE);

        assertThat(allocator.take(PAGE)).hasValue(PAGE);
        assertThat(allocator.take(PAGE)).hasValue(6 * PAGE);
        assertThat(allocator.take(PAGE)).isEmpty();
    }

    @Test
    void addressesAreUnsignedUpToTheVeryLast() {
        RangeAllocator allocator = new RangeAllocator(List.of(new Range(0, -1)), PAGE);

        assertThat(allocator.take(Long.MAX_VALUE & -PAGE)).hasValue(PAGE);
        long high = allocator.take(Long.MAX_VALUE & -PAGE).orElseThrow();
        assertThat(high).isNegative();
        long last = allocator.take(PAGE).orElseThrow();
        assertThat(last).isEqualTo(-PAGE);
        assertThat(allocator.take(PAGE)).isEmpty();
        allocator.give(last, PAGE);
        assertThat(allocator.take(PAGE)).hasValue(last);
    }

    @Test
    void givingBackTwiceIsADefectThatIsTold() {
        RangeAllocator allocator = new RangeAllocator(List.of(new Range(PAGE, 16 * PAGE - 1)), PAGE);
        long address = allocator.take(2 * PAGE).orElseThrow();
        allocator.give(address, 2 * PAGE);

        assertThatThrownBy(() -> allocator.give(address + PAGE, PAGE)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("free already");
    }

    @Test
    void onlyWholePagesAreTaken() {
        RangeAllocator allocator = new RangeAllocator(List.of(new Range(PAGE, 16 * PAGE - 1)), PAGE);

        assertThatThrownBy(() -> allocator.take(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> allocator.take(PAGE + 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
