package org.busbar.pci.internal.vfio;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.busbar.pci.host.DmaSpace.Range;
import org.busbar.pci.internal.sys.VfioAbi;
import org.busbar.pci.internal.sys.VfioCapabilities;
import org.busbar.pci.internal.sys.VfioCapabilities.Pair;

/**
 * What an IOMMU can map.
 *
 * @param pageSize the smallest granule
 * @param ranges addresses that devices may be given, ascending
 * @param mappingsLeft how many mappings more are allowed, if the kernel tells
 */
record IommuInfo(long pageSize, List<Range> ranges, Optional<Integer> mappingsLeft) {

    private static final long SMALLEST_PAGE = 4096;
    /** No address is given out from 2 to the 52nd on: that much any IOMMU page table has at most, and sums cannot overflow. */
    private static final long HIGHEST = (1L << 52) - 1;
    /** Interrupt messages of x86 go to 0xfee00000 to 0xfeefffff; 39 bits is the least that any IOMMU of x86 has. */
    private static final List<Range> CAUTIOUS_RANGES =
            List.of(new Range(0, 0xfedfffffL), new Range(0xfef00000L, (1L << 39) - 1));

    /** Reads a {@code struct vfio_iommu_type1_info} with its capabilities. */
    static IommuInfo parse(MemorySegment info) {
        int flags = info.get(JAVA_INT, VfioAbi.FLAGS);
        long sizes = (flags & VfioAbi.VFIO_IOMMU_INFO_PGSIZES) != 0 ? info.get(JAVA_LONG, VfioAbi.IOMMU_PGSIZES) : 0;
        long pageSize = Math.max(SMALLEST_PAGE, Long.lowestOneBit(sizes));
        boolean hasCapabilities = (flags & VfioAbi.VFIO_IOMMU_INFO_CAPS) != 0
                && info.byteSize() >= VfioAbi.IOMMU_CAP_OFFSET + Integer.BYTES;
        VfioCapabilities capabilities =
                new VfioCapabilities(info, hasCapabilities ? info.get(JAVA_INT, VfioAbi.IOMMU_CAP_OFFSET) : 0);
        List<Range> told = capabilities.pairs(VfioAbi.VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
                .stream()
                .map(IommuInfo::range)
                .toList();
        return new IommuInfo(
                pageSize,
                usable(told.isEmpty() ? CAUTIOUS_RANGES : told, pageSize),
                capabilities.number(VfioAbi.VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL));
    }

    private static Range range(Pair pair) {
        return new Range(pair.first(), pair.second());
    }

    /** Whole pages only; address 0 is left out, so that a descriptor that was never filled in cannot name valid memory. */
    private static List<Range> usable(List<Range> ranges, long pageSize) {
        List<Range> usable = new ArrayList<>();
        for (Range range : ranges) {
            if (Long.compareUnsigned(range.first(), HIGHEST) < 0) {
                long last = Long.compareUnsigned(range.last(), HIGHEST) > 0 ? HIGHEST : range.last();
                long first = Math.max(pageSize, range.first() + pageSize - 1 & -pageSize);
                long end = last + 1 & -pageSize;
                if (first < end) {
                    usable.add(new Range(first, end - 1));
                }
            }
        }
        return List.copyOf(usable);
    }
}
