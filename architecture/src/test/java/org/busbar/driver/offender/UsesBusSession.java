package org.busbar.driver.offender;

import org.busbar.device.bus.BusSession;

/** A driver that acts as if it were a bus. */
public interface UsesBusSession {

    BusSession session();
}
