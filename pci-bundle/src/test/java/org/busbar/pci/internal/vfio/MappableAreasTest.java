package org.busbar.pci.internal.vfio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MappableAreasTest {

    private static final long PAGE = 4096;

    @Test
    void allOfARegionWithoutRestrictions() {
        assertThat(areas(region(0x4000, null, false), null)).containsExactly(new Area(0, 0x4000));
    }

    @Test
    void allOfARegionThatIsSmallerThanAPage() {
        assertThat(areas(region(128, null, false), null)).containsExactly(new Area(0, 128));
    }

    @Test
    void nothingOfWhatCannotBeMappedOrIsNotThere() {
        assertThat(MappableAreas.of(new RegionInfo(0x4000, 0, true, false, Optional.empty(), true), Optional.empty(),
                PAGE))
                .isEmpty();
        assertThat(areas(region(0, null, true), null)).isEmpty();
    }

    @Test
    void pageOfTheMsixTableIsLeftOut() {
        assertThat(areas(region(0x4000, null, false), new Area(0x2010, 0x20)))
                .containsExactly(new Area(0, 0x2000), new Area(0x3000, 0x1000));
    }

    @Test
    void msixTableIsMappedWhereTheKernelAllowsIt() {
        assertThat(areas(region(0x4000, null, true), new Area(0x2000, 0x20))).containsExactly(new Area(0, 0x4000));
    }

    @Test
    void msixTableAtBothEnds() {
        assertThat(areas(region(0x2000, null, false), new Area(0, 16))).containsExactly(new Area(0x1000, 0x1000));
        assertThat(areas(region(0x2000, null, false), new Area(0x1000, 16))).containsExactly(new Area(0, 0x1000));
        assertThat(areas(region(0x1000, null, false), new Area(0x800, 16))).isEmpty();
    }

    @Test
    void sparseAreasAreSortedMergedAndCutToWholePages() {
        List<Area> sparse = List.of(new Area(0x5000, 0x1000), new Area(0, 0x1000), new Area(0x1000, 0x1800));
        assertThat(areas(region(0x8000, sparse, true), null))
                .containsExactly(new Area(0, 0x2000), new Area(0x5000, 0x1000));
    }

    @Property
    void exactlyTheWholePagesThatAreAllowed(@ForAll("regions") RegionInfo region,
            @ForAll("tables") Optional<Area> table) {
        List<Area> areas = MappableAreas.of(region, table, PAGE);
        long end = -1;
        for (Area area : areas) {
            assertThat(area.offset()).isGreaterThan(end).isGreaterThanOrEqualTo(0);
            assertThat(area.size()).isPositive();
            assertThat(area.offset() % PAGE).isZero();
            assertThat(area.end()).isLessThanOrEqualTo(region.size());
            assertThat(area.end() % PAGE == 0 || area.end() == region.size()).isTrue();
            end = area.end();
        }
        for (long page = 0; page < region.size(); page += PAGE) {
            long at = page;
            boolean mapped = areas.stream().anyMatch(area -> area.offset() <= at && at < area.end());
            assertThat(mapped).as("page 0x%x", page).isEqualTo(isAllowed(region, table, page));
        }
    }

    @Property
    void garbageFromTheKernelIsHarmless(
            @ForAll long size, @ForAll List<@net.jqwik.api.constraints.NotEmpty long[]> pairs) {
        List<Area> sparse = pairs.stream().map(pair -> new Area(pair[0], pair[pair.length - 1])).toList();
        for (Area area : areas(region(size, sparse, true), null)) {
            assertThat(area.offset()).isBetween(0L, size);
            assertThat(area.end()).isBetween(area.offset() + 1, size);
        }
    }

    /** The definition, page by page. */
    private static boolean isAllowed(RegionInfo region, Optional<Area> table, long page) {
        long end = Math.min(page + PAGE, region.size());
        boolean inSparse = region.sparse().isEmpty()
                || java.util.stream.LongStream.range(0, (end - page + 255) / 256)
                        .map(i -> page + i * 256)
                        .allMatch(at -> region.sparse()
                                .get()
                                .stream()
                                .anyMatch(area -> wholePagesContain(area, region.size(), at)));
        boolean inTable = !region.msixMappable()
                && table.isPresent()
                && table.get().offset() < page + PAGE
                && table.get().end() > page;
        return inSparse && !inTable;
    }

    private static boolean wholePagesContain(Area area, long size, long at) {
        long page = at / PAGE * PAGE;
        return area.offset() <= page && Math.min(page + PAGE, size) <= area.end();
    }

    @Provide
    Arbitrary<RegionInfo> regions() {
        Arbitrary<Long> quarterPages = Arbitraries.longs().between(0, 40).map(n -> n * 1024);
        Arbitrary<Area> area = Combinators.combine(quarterPages, quarterPages).as(Area::new);
        return Combinators.combine(
                Arbitraries.longs().between(1, 8).map(n -> n * 4096),
                area.list().ofMaxSize(5).optional(),
                Arbitraries.of(true, false))
                .as((size, sparse, msix) -> new RegionInfo(size, 0, true, true, sparse, msix));
    }

    @Provide
    Arbitrary<Optional<Area>> tables() {
        return Combinators.combine(
                Arbitraries.longs().between(0, 4095).map(n -> n * 8),
                Arbitraries.longs().between(1, 512).map(n -> n * 16))
                .as(Area::new)
                .optional();
    }

    private static RegionInfo region(long size, @org.jspecify.annotations.Nullable List<Area> sparse,
            boolean msixMappable) {
        return new RegionInfo(size, 0, true, true, Optional.ofNullable(sparse), msixMappable);
    }

    private static List<Area> areas(RegionInfo region, @org.jspecify.annotations.Nullable Area table) {
        return MappableAreas.of(region, Optional.ofNullable(table), PAGE);
    }
}
