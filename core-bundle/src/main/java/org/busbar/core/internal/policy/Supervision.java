package org.busbar.core.internal.policy;

import java.time.Duration;

/**
 * When drivers that have taken a device count as failed, and when that happens too often.
 *
 * @param maxFailures so many failures of a pair of device and driver, in the window, and it is quarantined; at least 1
 * @param window how long a failure counts
 * @param requestDeadline how long a request may take
 * @param heartbeatFactor a driver that lets so many deadlines of a request pass is hung; at least 1
 */
public record Supervision(int maxFailures, Duration window, Duration requestDeadline, int heartbeatFactor) {

    /** Used unless configured otherwise. */
    public static final Supervision DEFAULT =
            new Supervision(10, Duration.ofMinutes(10), Duration.ofSeconds(30), 3);

    /** Returns how long a request may be with a driver until that counts as hung. */
    public Duration patience() {
        return requestDeadline.multipliedBy(heartbeatFactor);
    }
}
