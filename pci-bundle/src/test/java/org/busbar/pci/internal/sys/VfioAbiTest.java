package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import org.junit.jupiter.api.Test;

/** The offsets in {@link VfioAbi} against the structures as {@code linux/vfio.h} declares them. */
class VfioAbiTest {

    @Test
    void requestsAreNumberedFromHundredOfTheirType() {
        assertThat(VfioAbi.VFIO_GET_API_VERSION).isEqualTo(';' << 8 | 100);
        assertThat(VfioAbi.VFIO_GROUP_GET_STATUS).isEqualTo(';' << 8 | 103);
        assertThat(VfioAbi.VFIO_GROUP_GET_DEVICE_FD).isEqualTo(';' << 8 | 106);
        assertThat(VfioAbi.VFIO_DEVICE_SET_IRQS).isEqualTo(';' << 8 | 110);
        assertThat(VfioAbi.VFIO_DEVICE_RESET).isEqualTo(';' << 8 | 111);
        assertThat(VfioAbi.VFIO_IOMMU_GET_INFO).isEqualTo(';' << 8 | 112);
        assertThat(VfioAbi.VFIO_IOMMU_UNMAP_DMA).isEqualTo(';' << 8 | 114);
    }

    @Test
    void groupStatus() {
        assertThat(words("argsz", "flags").byteSize()).isEqualTo(VfioAbi.GROUP_STATUS_SIZE);
    }

    @Test
    void deviceInfo() {
        StructLayout info = words("argsz", "flags", "num_regions", "num_irqs", "cap_offset");
        assertThat(info.byteSize()).isEqualTo(VfioAbi.DEVICE_INFO_SIZE);
        assertOffset(info, "num_regions", VfioAbi.DEVICE_NUM_REGIONS);
        assertOffset(info, "num_irqs", VfioAbi.DEVICE_NUM_IRQS);
    }

    @Test
    void regionInfo() {
        StructLayout info = struct(words("argsz", "flags", "index", "cap_offset"), longs("size", "offset"));
        assertThat(info.byteSize()).isEqualTo(VfioAbi.REGION_INFO_SIZE);
        assertOffset(info, "index", VfioAbi.INDEX);
        assertOffset(info, "cap_offset", VfioAbi.REGION_CAP_OFFSET);
        assertOffset(info, "size", VfioAbi.REGION_SIZE);
        assertOffset(info, "offset", VfioAbi.REGION_OFFSET);
    }

    @Test
    void capabilityHeaderAndArrays() {
        StructLayout sparse = struct(
                MemoryLayout.structLayout(JAVA_SHORT.withName("id"), JAVA_SHORT.withName("version")),
                words("next", "nr_areas", "reserved"),
                longs("areas[0].offset", "areas[0].size"));
        assertOffset(sparse, "version", VfioAbi.CAP_VERSION);
        assertOffset(sparse, "next", VfioAbi.CAP_NEXT);
        assertOffset(sparse, "nr_areas", VfioAbi.CAP_HEADER_SIZE);
        assertOffset(sparse, "nr_areas", VfioAbi.CAP_COUNT);
        assertOffset(sparse, "areas[0].offset", VfioAbi.CAP_ARRAY);
        assertThat(sparse.byteSize() - VfioAbi.CAP_ARRAY).isEqualTo(VfioAbi.CAP_PAIR_SIZE);
    }

    @Test
    void interrupts() {
        StructLayout info = words("argsz", "flags", "index", "count");
        assertThat(info.byteSize()).isEqualTo(VfioAbi.IRQ_INFO_SIZE);
        assertOffset(info, "count", VfioAbi.IRQ_INFO_COUNT);
        StructLayout set = words("argsz", "flags", "index", "start", "count");
        assertThat(set.byteSize()).isEqualTo(VfioAbi.IRQ_SET_SIZE).isEqualTo(VfioAbi.IRQ_SET_DATA);
        assertOffset(set, "start", VfioAbi.IRQ_SET_START);
        assertOffset(set, "count", VfioAbi.IRQ_SET_COUNT);
    }

    @Test
    void iommu() {
        StructLayout info = struct(words("argsz", "flags"), longs("iova_pgsizes"), words("cap_offset", "pad"));
        assertThat(info.byteSize()).isEqualTo(VfioAbi.IOMMU_INFO_SIZE);
        assertOffset(info, "iova_pgsizes", VfioAbi.IOMMU_PGSIZES);
        assertOffset(info, "cap_offset", VfioAbi.IOMMU_CAP_OFFSET);
        StructLayout map = struct(words("argsz", "flags"), longs("vaddr", "iova", "size"));
        assertThat(map.byteSize()).isEqualTo(VfioAbi.DMA_MAP_SIZE);
        assertOffset(map, "vaddr", VfioAbi.DMA_MAP_VADDR);
        assertOffset(map, "iova", VfioAbi.DMA_MAP_IOVA);
        assertOffset(map, "size", VfioAbi.DMA_MAP_LENGTH);
        StructLayout unmap = struct(words("argsz", "flags"), longs("iova", "size"));
        assertThat(unmap.byteSize()).isEqualTo(VfioAbi.DMA_UNMAP_SIZE);
        assertOffset(unmap, "iova", VfioAbi.DMA_UNMAP_IOVA);
        assertOffset(unmap, "size", VfioAbi.DMA_UNMAP_LENGTH);
    }

    private static void assertOffset(StructLayout layout, String member, int expected) {
        assertThat(layout.byteOffset(PathElement.groupElement(member))).as(member).isEqualTo(expected);
    }

    private static StructLayout words(String... names) {
        return MemoryLayout.structLayout(java.util.Arrays.stream(names)
                .map(JAVA_INT::withName)
                .toArray(MemoryLayout[]::new));
    }

    private static StructLayout longs(String... names) {
        return MemoryLayout.structLayout(java.util.Arrays.stream(names)
                .map(JAVA_LONG::withName)
                .toArray(MemoryLayout[]::new));
    }

    private static StructLayout struct(StructLayout... parts) {
        return MemoryLayout.structLayout(java.util.Arrays.stream(parts)
                .flatMap(part -> part.memberLayouts().stream())
                .toArray(MemoryLayout[]::new));
    }
}
