package org.busbar.core.internal.policy;

/** What happens when a driver arrives that fits a bound device better than the one that drives it. */
public enum RebindRule {
    /** The device stays with its driver. */
    NEVER,
    /** The better driver takes over once no other bundle uses a service of the binding. */
    IDLE,
    /** The better driver takes over at once. */
    ALWAYS
}
