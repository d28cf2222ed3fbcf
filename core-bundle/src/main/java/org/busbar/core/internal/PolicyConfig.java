package org.busbar.core.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The configuration of the core, as configuration tools show it. */
@ObjectClassDefinition(id = "org.busbar.core", name = "Busbar device policy", description = "Which devices may be bound to which drivers, and how long things may take."
        + " Devices are named by address (0000:02:00.0, 0000:02:*) or by match key (8086:10d3, class:0108).")
@interface PolicyConfig {

    @AttributeDefinition(name = "Allow", description = "Devices that may be bound; empty for all.")
    String[] allow() default {};

    @AttributeDefinition(name = "Deny", description = "Devices that may not be bound, even if allowed.")
    String[] deny() default {};

    @AttributeDefinition(name = "Driver override", description = "Entries of the form pattern=driver: these devices only that driver may have.")
    String[] driverOverride() default {};

    @AttributeDefinition(name = "Rebind", description = "Whether a better driver takes over a bound device: never, idle (when nobody uses it), always.")
    String rebind() default "idle";

    @AttributeDefinition(name = "Attempts", description = "Failures in a row until a driver is quarantined for a device.")
    int maxAttempts() default 3;

    @AttributeDefinition(name = "First retry", description = "Milliseconds to the second attempt; doubles each time.")
    long retryDelay() default 500;

    @AttributeDefinition(name = "Longest retry", description = "Most milliseconds between attempts.")
    long maxRetryDelay() default 30_000;

    @AttributeDefinition(name = "Failures", description = "Failures of a driver with a device, in the failure window, until it is quarantined for it; 1 to 1000.")
    int maxFailures() default 10;

    @AttributeDefinition(name = "Failure window", description = "Milliseconds for which a failure counts.")
    long failureWindow() default 600_000;

    @AttributeDefinition(name = "Request deadline", description = "Milliseconds that a request may take.")
    long requestDeadline() default 30_000;

    @AttributeDefinition(name = "Heartbeat", description = "A driver that lets so many deadlines of a request pass counts as hung: its device is taken from it, reset, and probed again.")
    int heartbeatFactor() default 3;

    @AttributeDefinition(name = "Probe deadline", description = "Milliseconds that a probe may take.")
    long probeDeadline() default 30_000;

    @AttributeDefinition(name = "Quiesce deadline", description = "Milliseconds that quiescing may take.")
    long quiesceDeadline() default 5_000;

    @AttributeDefinition(name = "Close deadline", description = "Milliseconds that giving a device up may take.")
    long closeDeadline() default 5_000;

    @AttributeDefinition(name = "Update grace", description = "Milliseconds for which a device is held for a driver that left and may come back updated.")
    long updateGrace() default 2_000;

    @AttributeDefinition(name = "Handover", description = "Whether a device runs on, without a reset, for the update grace when its driver leaves and can hand it over to its successor.")
    boolean handover() default true;
}
