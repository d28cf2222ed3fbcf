package org.busbar.net.io;

/** Which way a captured frame went, as seen from the interface. */
public enum Direction {
    /** Not said. */
    UNKNOWN,
    /** It was received. */
    INBOUND,
    /** It was sent. */
    OUTBOUND
}
