package org.busbar.core.internal.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketCache;
import org.busbar.net.driver.PacketOwner;
import org.jspecify.annotations.Nullable;

/**
 * A queue's packets at hand: a stack for the queue's thread, and a list to which any thread adds what applications release.
 * The list is only ever taken as a whole, so that a packet that comes back to its head meanwhile does no harm.
 */
final class LocalCache implements PacketCache {

    private static final VarHandle RELEASED;

    static {
        try {
            RELEASED = MethodHandles.lookup().findVarHandle(LocalCache.class, "released", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private enum InPlaceOfAList {
        /** The cache takes nothing any more. */
        CLOSED
    }

    private final SharedPool pool;
    private final String user;
    private final PooledPacket[] free;
    /** How many are exchanged with the pool at once. */
    private final int bulk;

    private int count;
    private boolean closed;
    /** The last packet that was released, the others by their links; or null, or that it is closed. */
    private volatile @Nullable Object released;

    LocalCache(SharedPool pool, String user, int capacity) {
        this.pool = pool;
        this.user = user;
        free = new PooledPacket[capacity];
        bulk = (capacity + 1) / 2;
    }

    @Override
    public DriverPool pool() {
        return pool;
    }

    @Override
    public @Nullable DriverPacket take(PacketOwner owner) {
        if (count == 0 && !refill()) {
            return null;
        }
        PooledPacket packet = free[--count];
        packet.take(this, owner);
        return packet;
    }

    private boolean refill() {
        if (closed) {
            return false;
        }
        if (released != null) {
            putAll(RELEASED.getAndSet(this, (Object) null));
        }
        if (count == 0) {
            count = pool.take(free, bulk);
        }
        return count > 0;
    }

    @Override
    public void give(DriverPacket packet) {
        PooledPacket mine = (PooledPacket) packet;
        mine.owner(PacketOwner.POOL);
        if (closed) {
            pool.give(mine);
        } else {
            put(mine);
        }
    }

    private void put(PooledPacket packet) {
        if (count == free.length) {
            // Those at the bottom have not been used for the longest time.
            pool.give(free, bulk);
            count -= bulk;
            System.arraycopy(free, bulk, free, 0, count);
        }
        free[count++] = packet;
    }

    private void putAll(@Nullable Object list) {
        for (PooledPacket packet = (PooledPacket) list; packet != null;) {
            PooledPacket after = packet.link;
            put(packet);
            packet = after;
        }
    }

    /** Takes a packet that an application has released, from any thread; returns false if the cache is closed. */
    boolean offer(PooledPacket packet) {
        while (true) {
            Object last = released;
            if (last == InPlaceOfAList.CLOSED) {
                return false;
            }
            packet.link = (PooledPacket) last;
            if (RELEASED.compareAndSet(this, last, (Object) packet)) {
                return true;
            }
        }
    }

    @Override
    public void leave() {
        pool.left(this);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        putAll(RELEASED.getAndSet(this, (Object) InPlaceOfAList.CLOSED));
        closed = true;
        pool.give(free, count);
        count = 0;
        pool.closed(this);
    }

    @Override
    public String toString() {
        return user;
    }
}
