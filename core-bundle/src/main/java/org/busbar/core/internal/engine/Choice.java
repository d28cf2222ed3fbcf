package org.busbar.core.internal.engine;

import org.busbar.device.RemovalReason;

/** What an operator wants of one device. */
sealed interface Choice {

    /** Whatever matching and policy say. */
    record Free() implements Choice {}

    /** Detached. */
    record Detached(RemovalReason reason) implements Choice {}

    /** Present, but without a driver. */
    record Unbound() implements Choice {}

    /** Driven by this driver and no other. */
    record BoundTo(String driver) implements Choice {}

    /**
     * Whatever matching and policy say, but a driver's successor goes before all others. Until one of the two leaves, or the
     * successor has failed.
     *
     * @param by the successor
     * @param from the driver that had the device
     * @param before what was wanted before, and is again afterwards
     */
    record Replaced(Pair by, Pair from, Choice before) implements Choice {}

    /** What is wanted apart from a successor. */
    default Choice lasting() {
        return this instanceof Replaced replaced ? replaced.before() : this;
    }
}
