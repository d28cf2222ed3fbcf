package org.busbar.core.internal.engine;

import org.busbar.device.DeviceState;
import org.busbar.device.RemovalReason;

/** What is to be done about a device now. */
sealed interface Action {

    /** Nothing, until something changes. */
    record Stay(DeviceState state, String reason) implements Action {}

    /** Nothing, until something changes or this time has come on the scheduler's monotonic clock. */
    record Wait(DeviceState state, String reason, long until) implements Action {}

    /** Have it probed. */
    record Probe(Pair pair) implements Action {}

    /** Have its driver give it up, or stop probing it. */
    record Remove(RemovalReason reason, String text) implements Action {}

    /** Have what is kept of it released. */
    record Release(String text) implements Action {}
}
