package org.busbar.core.internal.policy;

import java.time.Duration;

/**
 * How long calls into drivers may take.
 *
 * @param probe a probe, with the registration of what it published
 * @param quiesce bringing a device to rest
 * @param close giving a device up; also the end of a driver's threads, and each resource that core closes for it
 * @param grace what an interrupted call gets to return, before it is abandoned
 */
public record Deadlines(Duration probe, Duration quiesce, Duration close, Duration grace) {

    /** Used unless configured otherwise. */
    public static final Deadlines DEFAULT =
            new Deadlines(Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(1));

    /** Returns the longest time that a removal can take, with every deadline missed once. */
    public Duration longestRemoval() {
        return quiesce.plus(close.multipliedBy(6)).plus(grace.multipliedBy(5));
    }
}
