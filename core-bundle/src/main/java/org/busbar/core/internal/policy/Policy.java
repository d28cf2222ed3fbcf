package org.busbar.core.internal.policy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.busbar.device.bus.MatchKey;

/**
 * What may be bound to what, when to try again, and how long things may take. Immutable; it names devices by address and
 * key, never by identity, and so outlives them.
 *
 * @param allow devices that may be bound; empty for all
 * @param deny devices that may not be bound, even if allowed
 * @param overrides devices that only one driver may have; the first that names a device counts
 * @param rebind whether a better driver takes a bound device over
 * @param maxAttempts how many probes of a pair may fail in a row before it is quarantined; at least 1
 * @param retryDelay time to the second attempt; it doubles from attempt to attempt
 * @param maxRetryDelay the longest time between attempts, and the time between attempts of a deferred probe
 * @param updateGrace how long a device is held for a driver that left and may come back updated
 * @param handover whether devices are kept running for a driver that left and may come back updated, if it can
 * @param supervision when drivers that have a device count as failed
 * @param blocked why nothing may be bound at all; empty in all but the gravest case
 */
public record Policy(
        List<DevicePattern> allow,
        List<DevicePattern> deny,
        List<DriverOverride> overrides,
        RebindRule rebind,
        int maxAttempts,
        Duration retryDelay,
        Duration maxRetryDelay,
        Duration updateGrace,
        boolean handover,
        Deadlines deadlines,
        Supervision supervision,
        String blocked) {

    /** In force unless configured otherwise. */
    public static final Policy DEFAULT = new Policy(
            List.of(),
            List.of(),
            List.of(),
            RebindRule.IDLE,
            3,
            Duration.ofMillis(500),
            Duration.ofSeconds(30),
            Duration.ofSeconds(2),
            true,
            Deadlines.DEFAULT,
            Supervision.DEFAULT,
            "");

    /** Returns why a device may not be bound, in words, or nothing if it may. */
    public Optional<String> denial(String address, List<MatchKey> keys) {
        if (!blocked.isEmpty()) {
            return Optional.of(blocked);
        }
        for (DevicePattern pattern : deny) {
            if (pattern.names(address, keys)) {
                return Optional.of("denied by policy entry '" + pattern + "'");
            }
        }
        if (allow.isEmpty()) {
            return Optional.empty();
        }
        for (DevicePattern pattern : allow) {
            if (pattern.names(address, keys)) {
                return Optional.empty();
            }
        }
        return Optional.of("not among the devices that policy allows: " + allow);
    }

    /** Returns the override that holds for a device. */
    public Optional<DriverOverride> override(String address, List<MatchKey> keys) {
        for (DriverOverride override : overrides) {
            if (override.devices().names(address, keys)) {
                return Optional.of(override);
            }
        }
        return Optional.empty();
    }

    /** Returns the delay after the given number of failures in a row, which is at least 1. */
    public Duration delayAfter(int failures) {
        int doublings = Math.min(failures - 1, 30);
        Duration delay = retryDelay.multipliedBy(1L << doublings);
        return delay.compareTo(maxRetryDelay) < 0 ? delay : maxRetryDelay;
    }

    /** Returns whether devices are kept for the successors of their drivers, and for how long. */
    public boolean keepsDevices() {
        return handover && updateGrace.isPositive();
    }

    /** Returns this policy with other deadlines. */
    public Policy withDeadlines(Deadlines other) {
        return new Policy(
                allow, deny, overrides, rebind, maxAttempts, retryDelay, maxRetryDelay, updateGrace, handover, other,
                supervision,
                blocked);
    }

    /** Returns a policy that binds nothing, and why. */
    public static Policy nothing(String why) {
        Policy d = DEFAULT;
        return new Policy(
                d.allow,
                d.deny,
                d.overrides,
                d.rebind,
                d.maxAttempts,
                d.retryDelay,
                d.maxRetryDelay,
                d.updateGrace,
                d.handover,
                d.deadlines,
                d.supervision,
                why);
    }
}
