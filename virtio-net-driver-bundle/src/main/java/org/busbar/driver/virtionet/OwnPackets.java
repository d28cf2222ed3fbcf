package org.busbar.driver.virtionet;

import org.busbar.net.driver.DriverPool;

/**
 * The packets of a queue pair that shares none.
 *
 * @param address where the device sees the first
 */
record OwnPackets(DriverPool pool, long address) {}
