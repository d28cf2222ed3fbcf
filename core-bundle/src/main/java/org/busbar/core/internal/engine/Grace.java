package org.busbar.core.internal.engine;

import org.busbar.core.internal.match.DriverEntry;

/** A device is held for a driver that has just left and may come back updated. */
record Grace(DriverEntry.Identity driver, long until) {}
