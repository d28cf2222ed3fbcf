package org.busbar.core.offender;

import org.busbar.pci.PciDevice;

/** Core that knows a bus. */
public interface UsesPci {

    PciDevice device();
}
