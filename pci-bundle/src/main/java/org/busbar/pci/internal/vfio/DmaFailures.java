package org.busbar.pci.internal.vfio;

import org.busbar.pci.DmaException;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;

/** Says why memory cannot be given to a device, and what to do about it. */
final class DmaFailures {

    private DmaFailures() {}

    static DmaException explain(String address, long size, LockLimit limit, ErrnoException e) {
        String what = "cannot map " + LockLimit.text(size) + " for " + address + ": ";
        if (e.call().equals("mmap")) {
            return new DmaException(what + "no memory: " + e.getMessage(), e);
        }
        return switch (e.errno()) {
            case Errno.ENOMEM -> new DmaException(what + limit.explain(), e);
            case Errno.ENOSPC ->
                new DmaException(
                        what + "the kernel allows no more mappings per container;"
                                + " raise /sys/module/vfio_iommu_type1/parameters/dma_entry_limit",
                        e);
            default -> new DmaException(what + e.getMessage(), e);
        };
    }
}
