package org.busbar.pci.internal.vfio;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.busbar.pci.internal.sys.VfioAbi;
import org.busbar.pci.internal.sys.VfioCapabilities;

/**
 * A region of a device: the registers behind a BAR, or configuration space.
 *
 * @param size bytes, 0 if there is no such region
 * @param offset where the region begins in the device's file
 * @param readable whether it can be read through the file
 * @param mappable whether it can be mapped, at least in part
 * @param sparse the only areas that can be mapped, or nothing if all of it can
 * @param msixMappable whether the page of the MSI-X table can be mapped as well
 */
public record RegionInfo(
        long size, long offset, boolean readable, boolean mappable, Optional<List<Area>> sparse, boolean msixMappable) {

    /** Reads a {@code struct vfio_region_info} with its capabilities. */
    static RegionInfo parse(MemorySegment info) {
        int flags = info.get(JAVA_INT, VfioAbi.FLAGS);
        boolean hasCapabilities = (flags & VfioAbi.VFIO_REGION_INFO_FLAG_CAPS) != 0;
        VfioCapabilities capabilities =
                new VfioCapabilities(info, hasCapabilities ? info.get(JAVA_INT, VfioAbi.REGION_CAP_OFFSET) : 0);
        Optional<List<Area>> sparse = capabilities.has(VfioAbi.VFIO_REGION_INFO_CAP_SPARSE_MMAP)
                ? Optional.of(capabilities.pairs(VfioAbi.VFIO_REGION_INFO_CAP_SPARSE_MMAP)
                        .stream()
                        .map(pair -> new Area(pair.first(), pair.second()))
                        .toList())
                : Optional.empty();
        return new RegionInfo(
                info.get(JAVA_LONG, VfioAbi.REGION_SIZE),
                info.get(JAVA_LONG, VfioAbi.REGION_OFFSET),
                (flags & VfioAbi.VFIO_REGION_INFO_FLAG_READ) != 0,
                (flags & VfioAbi.VFIO_REGION_INFO_FLAG_MMAP) != 0,
                sparse,
                capabilities.has(VfioAbi.VFIO_REGION_INFO_CAP_MSIX_MAPPABLE));
    }
}
