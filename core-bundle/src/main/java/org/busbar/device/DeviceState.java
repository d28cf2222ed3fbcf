package org.busbar.device;

/** Where a device is on its way between appearing and being driven. */
public enum DeviceState {
    /** Present, and no driver that may have it matches. */
    UNBOUND,
    /** Present, but not to be bound: denied by policy, or not available from its host. */
    DENIED,
    /** A driver is probing it. */
    PROBING,
    /** Driven. */
    BOUND,
    /** Its driver is giving it up. */
    REMOVING,
    /** The best driver's probe waits for something. */
    DEFERRED,
    /** The best driver's probe has failed and will be tried again after a delay. */
    BACKING_OFF,
    /** Its driver has just left and may come back updated; no other driver is tried for a moment. */
    UPDATE_GRACE,
    /** Its driver has handed it over and has left; it runs on, without a driver, for a moment in which a successor may adopt it. */
    KEPT,
    /** All drivers that match have failed too often, and are not tried until something changes. */
    QUARANTINED,
    /** Detached by an operator, until attached again or re-inserted. */
    DETACHED,
    /** Given up because the host asked for it; about to be taken out. */
    EJECTING
}
