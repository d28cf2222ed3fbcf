package org.busbar.device;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a device or a driver, in the order in which it happened.
 *
 * @param sequence counts up by one for every event of a bus, from 1
 * @param time when
 * @param kind what
 * @param device the device, or null if the event is about a driver or the bus
 * @param driver name of the driver, or null if none takes part
 * @param text the details in words
 */
public record DeviceEvent(
        long sequence,
        Instant time,
        Kind kind,
        @Nullable DeviceId device,
        @Nullable String driver,
        String text) {

    /** What happened. */
    public enum Kind {
        DEVICE_ADDED,
        DEVICE_REMOVED,
        DRIVER_ARRIVED,
        DRIVER_LEFT,
        PROBE_STARTED,
        BOUND,
        PROBE_FAILED,
        PROBE_DEFERRED,
        PROBE_DECLINED,
        REMOVE_STARTED,
        UNBOUND,
        STATE_CHANGED,
        QUARANTINED,
        LEAK,
        STUCK,
        POLICY_CHANGED,
        SCAN_PROBLEM,
        RESCAN
    }
}
