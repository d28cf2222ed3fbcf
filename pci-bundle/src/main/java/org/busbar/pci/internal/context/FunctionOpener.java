package org.busbar.pci.internal.context;

import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.OpenException;

/** Opens one function at its host. */
@FunctionalInterface
public interface FunctionOpener {

    /**
     * Opens the function.
     *
     * @throws OpenException if it cannot be opened; the message says what to do about it
     */
    FunctionHandle open() throws OpenException;
}
