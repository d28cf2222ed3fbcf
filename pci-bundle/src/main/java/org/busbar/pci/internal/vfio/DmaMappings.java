package org.busbar.pci.internal.vfio;

import java.lang.foreign.MemorySegment;
import org.busbar.pci.internal.sys.ErrnoException;

/** What an IOMMU lets devices reach. */
interface DmaMappings {

    /** Lets devices reach memory at an address of theirs. */
    void map(MemorySegment memory, long address) throws ErrnoException;

    /** Ends a mapping. */
    void unmap(long address, long size) throws ErrnoException;
}
