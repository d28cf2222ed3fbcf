package org.busbar.pci.internal.bus;

import java.util.List;

/**
 * What came of one look at a host.
 *
 * @param change what it changed on the bus
 * @param problems what could not be read, in words; if the whole host could not, that and nothing else
 */
record ScanOutcome(BusChange change, List<String> problems) {}
