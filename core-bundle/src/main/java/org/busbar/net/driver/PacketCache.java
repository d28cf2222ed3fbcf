package org.busbar.net.driver;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A queue's view of a pool: a few packets at hand, so that taking and giving costs no atomic operation. It is filled from
 * the pool, and overflows into it, many packets at once. The packet that was given last, still in the processor's caches,
 * is taken next.
 *
 * <p>For one thread at a time, which is the queue's. Packets that applications release, on whatever thread, find their way
 * back by themselves.
 */
@ProviderType
public interface PacketCache extends AutoCloseable {

    /** Returns the pool behind it. */
    DriverPool pool();

    /** Takes a packet as if it were new, for the given owner; null if neither the cache nor the pool has one. */
    @Nullable
    DriverPacket take(PacketOwner owner);

    /** Takes a packet of the pool back: this one alone, without those that follow it in its frame. */
    void give(DriverPacket packet);

    /**
     * Says that the queue is not open any more, and that the cache will be closed as soon as the device cannot reach the
     * packets of the queue. From here on the cache does not keep the pool from being closed, only its memory from being
     * given back. On any thread; repeated calls do nothing.
     */
    void leave();

    /** Gives all packets to the pool. Packets that are released later go there, too. Repeated calls do nothing. */
    @Override
    void close();
}
