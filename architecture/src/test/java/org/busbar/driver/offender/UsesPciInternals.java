package org.busbar.driver.offender;

import org.busbar.pci.internal.offended.PciInternal;

/** A driver that goes behind the API of another bundle. */
public interface UsesPciInternals {

    PciInternal internals();
}
