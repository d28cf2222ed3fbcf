package org.busbar.driver.support;

import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketCache;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.jspecify.annotations.Nullable;

/**
 * The packets of an open queue: where it has them from, where the device sees them, and when they go back.
 *
 * <p>What lies in the rings goes back when two things are true: the queue's owner does not touch the rings any more
 * ({@link #leave}), and the device cannot reach the packets, so that it cannot write into one that somebody else has got
 * meanwhile. Whoever comes last gives them back: the owner's thread, or the one that ends the device's mapping.
 */
public final class QueuePackets {

    private static final int LEFT = 1;
    private static final int OUT_OF_REACH = 2;
    private static final int BOTH = LEFT | OUT_OF_REACH;

    private final PacketCache cache;
    private final AtomicInteger state;
    private @Nullable DmaBuffer mapping;
    private long base;
    private Runnable emptyRings = () -> {};

    private QueuePackets(PacketCache cache, int state) {
        this.cache = cache;
        this.state = new AtomicInteger(state);
    }

    /**
     * Takes packets of a pool that others use, too, which the device is made to reach.
     *
     * @param user for messages
     * @throws DmaException if it cannot be made to
     */
    public static QueuePackets shared(Dma dma, DriverPool pool, String user) throws DmaException {
        QueuePackets packets = new QueuePackets(pool.openCache(user), 0);
        boolean mapped = false;
        try {
            DmaBuffer mapping = dma.map(pool.memory(), () -> packets.mark(OUT_OF_REACH));
            packets.mapping = mapping;
            packets.base = mapping.address();
            mapped = true;
            return packets;
        } finally {
            if (!mapped) {
                packets.cache.close();
            }
        }
    }

    /**
     * Takes packets of a pool for this queue alone, in memory that was allocated for the device. They may go back at any
     * time, because nobody else uses them.
     *
     * @param address where the device sees the first
     */
    public static QueuePackets own(DriverPool pool, long address, String user) {
        QueuePackets packets = new QueuePackets(pool.openCache(user), OUT_OF_REACH);
        packets.base = address;
        return packets;
    }

    /** Says how the rings are emptied into the cache, once nobody uses them. To be called before the queue is. */
    public void emptiedBy(Runnable action) {
        emptyRings = action;
    }

    /** Returns where packets are taken from and given to. */
    public PacketCache cache() {
        return cache;
    }

    /** Returns the pool. */
    public DriverPool pool() {
        return cache.pool();
    }

    /** Returns whether a packet is of this queue's pool. */
    public boolean has(DriverPacket packet) {
        return packet.pool().equals(cache.pool());
    }

    /** Returns where the device sees the data of a packet. */
    public long address(DriverPacket packet) {
        return base + packet.offset();
    }

    /**
     * Keeps the device from reaching packets that are not its own. To be called by the owner when the rings are at rest; if
     * they cannot be brought to rest, it is left to the end of the binding.
     *
     * @throws IllegalStateException if the host cannot do it; then the packets stay out
     */
    public void detach() {
        DmaBuffer mapped = mapping;
        if (mapped != null) {
            mapped.close();
        }
    }

    /** The owner does not touch the rings and the cache any more. Repeated calls do nothing. */
    public void leave() {
        cache.leave();
        mark(LEFT);
    }

    private void mark(int bit) {
        int before = state.getAndUpdate(bits -> bits | bit);
        if (before != BOTH && (before | bit) == BOTH) {
            emptyRings.run();
            cache.close();
        }
    }
}
