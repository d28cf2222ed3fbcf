package org.busbar.net.driver;

/** Who has a packet. Nobody else may touch it. */
public enum PacketOwner {
    /** Nobody: it lies in its pool or in the cache of a queue. */
    POOL,
    /** The application, from allocation or reception until it sends or releases the packet. */
    CALLER,
    /** A port: it lies in a ring. */
    PORT
}
