package org.busbar.driver.offender;

import org.busbar.pci.host.PciHost;

/** A driver that goes behind the bus. */
public interface UsesHostSpi {

    PciHost host();
}
