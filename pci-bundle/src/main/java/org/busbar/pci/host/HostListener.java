package org.busbar.pci.host;

import org.busbar.pci.PciAddress;
import org.osgi.annotation.versioning.ProviderType;

/** Told that a look at the host is worth while. Hints only: nothing is believed but the next scan. Calls return at once. */
@ProviderType
public interface HostListener {

    /** Something may have appeared, gone or been replaced. */
    void changed();

    /**
     * Something may have appeared, gone or been replaced at one address; a look at that address tells. Hints that name
     * an address cost what a change costs, others what a look at the whole host costs.
     */
    default void changed(PciAddress address) {
        changed();
    }

    /** {@link HostFunction#unavailable} of a function may have changed. */
    void availabilityChanged(PciAddress address);
}
