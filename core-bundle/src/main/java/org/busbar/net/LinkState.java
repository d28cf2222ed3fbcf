package org.busbar.net;

/**
 * State of a link.
 *
 * @param up whether frames can pass
 * @param megabitsPerSecond speed, 0 if down or unknown
 * @param fullDuplex whether both directions work at once
 */
public record LinkState(boolean up, int megabitsPerSecond, boolean fullDuplex) {

    /** No link. */
    public static final LinkState DOWN = new LinkState(false, 0, false);

    @Override
    public String toString() {
        return up ? megabitsPerSecond + " Mb/s " + (fullDuplex ? "full" : "half") + " duplex" : "down";
    }
}
