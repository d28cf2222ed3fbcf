package org.busbar.port.internal;

import org.busbar.port.PortState;

/** What happens to a port, and what becomes of it: the whole of the diagram in docs/hot-swap.md. */
enum PortEvent {
    /** A card has a driver, and everything is in place. */
    CARD_READY,
    /** The card or its driver has gone. */
    CARD_WENT,
    /** Since then the time is up. */
    HOLD_OVER,
    /** The last queue was closed, the last setting taken back, or the last listener has gone. */
    LAST_USER_LEFT;

    /**
     * Returns the state that follows.
     *
     * @param used whether a queue is open, somebody listens, or something was chosen
     */
    PortState after(PortState state, boolean used) {
        return switch (state) {
            case UP -> this == CARD_WENT ? PortState.HELD : state;
            case HELD -> switch (this) {
                case CARD_READY -> PortState.UP;
                case HOLD_OVER -> used ? PortState.ABSENT : PortState.DROPPED;
                case CARD_WENT, LAST_USER_LEFT -> state;
            };
            case ABSENT -> switch (this) {
                case CARD_READY -> PortState.UP;
                case LAST_USER_LEFT -> used ? state : PortState.DROPPED;
                case CARD_WENT, HOLD_OVER -> state;
            };
            case DROPPED -> state;
        };
    }
}
