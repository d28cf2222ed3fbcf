package org.busbar.durable.internal;

import org.busbar.volume.VolumeState;

/** What happens to a volume, and what becomes of it: the whole of docs/hot-swap.md's diagram. */
enum VolumeEvent {
    /** A path has come, and there was none. */
    PATH_CAME,
    /** The last path has gone. */
    LAST_PATH_WENT,
    /** Since then the time is up. */
    HOLD_OVER,
    /** The last queue was closed. */
    LAST_USER_LEFT,
    /** There is another medium with the same identity, which cannot be a path. */
    OTHER_CAME;

    /**
     * Returns the state that follows.
     *
     * @param used whether a queue is open or a request waits
     */
    VolumeState after(VolumeState state, boolean used) {
        return switch (state) {
            case UP -> this == LAST_PATH_WENT ? VolumeState.HELD : state;
            case HELD -> switch (this) {
                case PATH_CAME -> VolumeState.UP;
                case HOLD_OVER -> used ? VolumeState.FAILED : VolumeState.DROPPED;
                case OTHER_CAME -> used ? state : VolumeState.DROPPED;
                case LAST_PATH_WENT, LAST_USER_LEFT -> state;
            };
            case FAILED -> switch (this) {
                case PATH_CAME -> VolumeState.UP;
                case LAST_USER_LEFT, OTHER_CAME -> used ? state : VolumeState.DROPPED;
                case LAST_PATH_WENT, HOLD_OVER -> state;
            };
            case DROPPED -> state;
        };
    }
}
