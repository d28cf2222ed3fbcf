package org.busbar.net;

/** Which pause frames (IEEE 802.3, annex 31B) a port heeds and sends. */
public enum FlowControl {
    /** None. */
    NONE,
    /** Stops sending for as long as a pause frame asks. */
    HEED,
    /** Sends pause frames when its receive buffer fills up. */
    SEND,
    /** Both. */
    BOTH
}
