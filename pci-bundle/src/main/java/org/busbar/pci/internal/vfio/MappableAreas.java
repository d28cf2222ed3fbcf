package org.busbar.pci.internal.vfio;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Works out which parts of a region can be mapped. */
final class MappableAreas {

    private MappableAreas() {}

    /**
     * Returns the areas to map: ascending, apart from each other, beginning at a page and ending at a page or the region's
     * end. All else is reached through the device's file.
     *
     * @param msixTable where the MSI-X table is, if it is in this region
     * @param pageSize a power of two
     */
    static List<Area> of(RegionInfo region, Optional<Area> msixTable, long pageSize) {
        if (!region.mappable() || region.size() <= 0) {
            return List.of();
        }
        List<Area> allowed = region.sparse()
                .orElse(List.of(new Area(0, region.size())))
                .stream()
                .flatMap(area -> wholePages(area, region.size(), pageSize).stream())
                .sorted(Comparator.comparingLong(Area::offset))
                .toList();
        List<Area> apart = merge(allowed);
        return region.msixMappable() || msixTable.isEmpty()
                ? apart
                : without(apart, pagesOf(msixTable.get(), pageSize));
    }

    /** Returns the whole pages within an area; the region's end counts as the end of a page. */
    private static Optional<Area> wholePages(Area area, long regionSize, long pageSize) {
        if (area.offset() < 0 || area.size() <= 0 || area.offset() >= regionSize) {
            return Optional.empty();
        }
        long first = roundUp(area.offset(), pageSize);
        boolean toTheEnd = area.size() >= regionSize - area.offset();
        long end = toTheEnd ? regionSize : area.end() & -pageSize;
        return first >= 0 && first < end ? Optional.of(new Area(first, end - first)) : Optional.empty();
    }

    /** Returns the pages that an area touches. */
    private static Area pagesOf(Area area, long pageSize) {
        long first = area.offset() & -pageSize;
        return new Area(first, roundUp(area.end(), pageSize) - first);
    }

    private static List<Area> merge(List<Area> sorted) {
        List<Area> merged = new ArrayList<>();
        for (Area area : sorted) {
            if (!merged.isEmpty() && area.offset() <= merged.getLast().end()) {
                Area last = merged.removeLast();
                merged.add(new Area(last.offset(), Math.max(last.end(), area.end()) - last.offset()));
            } else {
                merged.add(area);
            }
        }
        return merged;
    }

    private static List<Area> without(List<Area> areas, Area hole) {
        List<Area> left = new ArrayList<>();
        for (Area area : areas) {
            addIfAny(left, area.offset(), Math.min(area.end(), hole.offset()));
            addIfAny(left, Math.max(area.offset(), hole.end()), area.end());
        }
        return left;
    }

    private static void addIfAny(List<Area> areas, long first, long end) {
        if (first < end) {
            areas.add(new Area(first, end - first));
        }
    }

    private static long roundUp(long value, long pageSize) {
        return value + pageSize - 1 & -pageSize;
    }
}
