package org.busbar.pci.internal.linux;

import java.util.concurrent.CompletableFuture;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.OpenException;

/** Opens a function that is ready to be opened: bound to the kernel driver that hands functions out. */
public interface FunctionOpener {

    /** An open function, with what the host of the machine's own bus has to know of it. */
    interface Handle extends FunctionHandle {

        /** Looks whether the card is sure to be gone: reads of it say so. May wait a few seconds for a card that hangs. */
        boolean isGone();

        /** Completes when the kernel has let go of the function, which may be long after {@link #close} has returned. */
        CompletableFuture<Void> released();
    }

    /**
     * Opens a function for exclusive use.
     *
     * @param iommuGroup number of its IOMMU group, negative if it has none
     * @throws OpenException if it cannot be opened; the message says what to do about it
     */
    Handle open(HostFunction function, int iommuGroup, FunctionNotices notices) throws OpenException;
}
