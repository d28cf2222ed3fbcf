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
}
