package org.busbar.pci.host;

import org.busbar.pci.PciAddress;
import org.osgi.annotation.versioning.ProviderType;

/** Told that a look at the host is worth while. Hints only: nothing is believed but the next scan. Calls return at once. */
@ProviderType
public interface HostListener {

    /** Something may have appeared, gone or been replaced. */
    void changed();

    /** {@link HostFunction#unavailable} of a function may have changed. */
    void availabilityChanged(PciAddress address);
}
