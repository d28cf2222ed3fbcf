package org.busbar.pci.internal.linux;

import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.OpenException;

/** Opens a function that is ready to be opened: bound to the kernel driver that hands functions out. */
public interface FunctionOpener {

    /**
     * Opens a function for exclusive use.
     *
     * @param iommuGroup number of its IOMMU group, negative if it has none
     * @throws OpenException if it cannot be opened; the message says what to do about it
     */
    FunctionHandle open(HostFunction function, int iommuGroup, FunctionNotices notices) throws OpenException;
}
