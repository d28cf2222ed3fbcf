package org.busbar.pci.internal.vfio;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.busbar.pci.host.DmaSpace.Range;
import org.busbar.pci.internal.sys.VfioAbi;
import org.junit.jupiter.api.Test;

class IommuInfoTest {

    private static final long LIMIT = 1L << 52;

    @Test
    void rangesOfIntel() {
        IommuInfo info = IommuInfo.parse(info(0x201000, 0, 0xfedfffffL, 0xfef00000L, (1L << 39) - 1));
        assertThat(info.pageSize()).isEqualTo(4096);
        assertThat(info.ranges())
                .containsExactly(new Range(4096, 0xfedfffffL), new Range(0xfef00000L, (1L << 39) - 1));
    }

    @Test
    void rangesOfAmdReachToTheVeryTop() {
        IommuInfo info = IommuInfo.parse(info(4096, 0, 0xfedfffffL, 1L << 40, -1));
        assertThat(info.ranges()).containsExactly(new Range(4096, 0xfedfffffL), new Range(1L << 40, LIMIT - 1));
    }

    @Test
    void cautiousRangesWhereTheKernelDoesNotTell() {
        IommuInfo info = IommuInfo.parse(info(4096));
        assertThat(info.ranges())
                .containsExactly(new Range(4096, 0xfedfffffL), new Range(0xfef00000L, (1L << 39) - 1));
        assertThat(info.mappingsLeft()).isEmpty();
    }

    @Test
    void wholePagesOnly() {
        IommuInfo info = IommuInfo.parse(info(0x10000, 0x18000, 0x37fff, 0x40000, 0x47fff));
        assertThat(info.ranges()).containsExactly(new Range(0x20000, 0x2ffff));
    }

    @Property
    void rangesArePagesInOrder(@ForAll long first, @ForAll long last) {
        for (Range range : IommuInfo.parse(info(4096, first, last)).ranges()) {
            assertThat(range.first()).isGreaterThanOrEqualTo(4096).isLessThan(range.last());
            assertThat(range.last()).isLessThan(LIMIT);
            assertThat(range.first() % 4096).isZero();
            assertThat((range.last() + 1) % 4096).isZero();
        }
    }

    @Property
    void sharesOfAGroupDoNotOverlap(@ForAll @IntRange(min = 1, max = 9) int count) {
        IommuInfo info = IommuInfo.parse(info(4096));
        AddressShares shares = new AddressShares(info.ranges(), 4096, count);
        List<Range> all = java.util.stream.IntStream.range(0, count)
                .mapToObj(i -> shares.of(shares.take().orElseThrow()))
                .flatMap(List::stream)
                .sorted(java.util.Comparator.comparingLong(Range::first))
                .toList();
        assertThat(shares.take()).isEmpty();
        assertThat(all).hasSize(2 * count);
        for (int i = 1; i < all.size(); i++) {
            assertThat(all.get(i).first()).isGreaterThan(all.get(i - 1).last());
        }
        shares.give(0);
        assertThat(shares.take()).hasValue(0);
        assertThat(shares.isIdle()).isFalse();
    }

    @Test
    void onlyShareIsEverything() {
        IommuInfo info = IommuInfo.parse(info(4096));
        AddressShares shares = new AddressShares(info.ranges(), 4096, 1);
        assertThat(shares.of(shares.take().orElseThrow())).isEqualTo(info.ranges());
    }

    /** Makes a {@code struct vfio_iommu_type1_info} with a capability that lists ranges, if there are any. */
    private static MemorySegment info(long pageSizes, long... ranges) {
        int size = VfioAbi.IOMMU_INFO_SIZE + VfioAbi.CAP_ARRAY + ranges.length * Long.BYTES;
        MemorySegment info = Arena.ofAuto().allocate(size, 8);
        info.set(JAVA_INT, VfioAbi.ARGSZ, size);
        info.set(JAVA_INT, VfioAbi.FLAGS, VfioAbi.VFIO_IOMMU_INFO_PGSIZES | VfioAbi.VFIO_IOMMU_INFO_CAPS);
        info.set(JAVA_LONG, VfioAbi.IOMMU_PGSIZES, pageSizes);
        if (ranges.length > 0) {
            info.set(JAVA_INT, VfioAbi.IOMMU_CAP_OFFSET, VfioAbi.IOMMU_INFO_SIZE);
            MemorySegment capability = info.asSlice(VfioAbi.IOMMU_INFO_SIZE);
            capability.set(JAVA_SHORT, 0, (short) VfioAbi.VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
            capability.set(JAVA_INT, VfioAbi.CAP_COUNT, ranges.length / 2);
            for (int i = 0; i < ranges.length; i++) {
                capability.set(JAVA_LONG, VfioAbi.CAP_ARRAY + (long) i * Long.BYTES, ranges[i]);
            }
        }
        return info;
    }
}
