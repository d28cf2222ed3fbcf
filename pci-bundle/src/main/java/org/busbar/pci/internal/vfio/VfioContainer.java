package org.busbar.pci.internal.vfio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.FileCalls;
import org.busbar.pci.internal.sys.VfioAbi;
import org.busbar.pci.internal.sys.VfioCalls;

/**
 * An IOMMU context: which of this process's memory devices may reach, at which addresses. One per IOMMU group, so that
 * groups are isolated from each other.
 */
final class VfioContainer implements DmaMappings, AutoCloseable {

    private final Fd fd;

    private VfioContainer(Fd fd) {
        this.fd = fd;
    }

    static VfioContainer open(String path) throws ErrnoException {
        return new VfioContainer(FileCalls.open(path, FileCalls.O_RDWR));
    }

    /** Returns whether the kernel's VFIO is one that this package can use. */
    boolean isUsable() throws ErrnoException {
        return VfioCalls.apiVersion(fd) == VfioAbi.VFIO_API_VERSION
                && VfioCalls.hasExtension(fd, VfioAbi.VFIO_TYPE1v2_IOMMU);
    }

    /** Puts the first and only group into the container, and turns the IOMMU on for it. */
    void join(Fd group) throws ErrnoException {
        VfioCalls.setContainer(group, fd);
        VfioCalls.setIommu(fd, VfioAbi.VFIO_TYPE1v2_IOMMU);
    }

    IommuInfo info() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return IommuInfo.parse(VfioCalls.info(
                    arena, fd, VfioAbi.VFIO_IOMMU_GET_INFO, "VFIO_IOMMU_GET_INFO", VfioAbi.IOMMU_INFO_SIZE, -1));
        }
    }

    @Override
    public void map(MemorySegment memory, long address) throws ErrnoException {
        VfioCalls.mapDma(fd, memory, address);
    }

    @Override
    public void unmap(long address, long size) throws ErrnoException {
        VfioCalls.unmapDma(fd, address, size);
    }

    @Override
    public void close() {
        fd.close();
    }
}
