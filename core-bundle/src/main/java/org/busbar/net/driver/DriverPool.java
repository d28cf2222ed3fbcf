package org.busbar.net.driver;

import java.lang.foreign.MemorySegment;
import org.busbar.net.PacketPool;
import org.osgi.annotation.versioning.ProviderType;

/** A pool as a driver sees it; every {@link PacketPool} that the runtime makes is one. Thread-safe. */
@ProviderType
public interface DriverPool extends PacketPool {

    /** Bytes before each frame that are the drivers' to use, for a header that a device wants to find there. */
    int HEADROOM = 64;

    /**
     * Returns the memory of all packets, native, page-aligned and of whole pages: what a device has to reach. It stays
     * allocated for as long as a cache is open on the pool.
     */
    MemorySegment memory();

    /**
     * Makes a queue's view of the pool. A driver closes it only when the device cannot reach the pool's memory any more on
     * behalf of the queue, because nothing else keeps the pool's memory from being given back.
     *
     * @param user who it is for, for messages
     * @throws IllegalStateException if the pool is closed
     */
    PacketCache openCache(String user);
}
