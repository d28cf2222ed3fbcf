package org.busbar.core.internal.net;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketCache;
import org.busbar.net.driver.PacketOwner;
import org.jspecify.annotations.Nullable;

/** The pool: packets that no queue has at hand, and what has to be known before their memory can be given back. */
final class SharedPool implements DriverPool {

    private static final int SHARE = 8;
    private static final int MAX_CACHE = 256;

    private final MemorySegment memory;
    private final int bufferBytes;
    private final Set<PortFeature> features;
    private final Consumer<SharedPool> freeMemory;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final PooledPacket[] free;
    private final Set<LocalCache> caches = new LinkedHashSet<>();
    /** Of queues that are closed, but whose packets a device may still reach. */
    private final Set<LocalCache> leaving = new LinkedHashSet<>();
    private int count;
    /** To be closed as soon as nobody uses it: nobody is there to do so. */
    private boolean orphaned;
    private boolean closed;

    /**
     * @param features what may be asked of packets
     * @param freeMemory called once nobody uses the memory any more
     */
    SharedPool(
            MemorySegment memory,
            int packets,
            int bufferBytes,
            Set<PortFeature> features,
            Consumer<SharedPool> freeMemory) {
        this.memory = memory;
        this.bufferBytes = bufferBytes;
        this.features = features;
        this.freeMemory = freeMemory;
        free = new PooledPacket[packets];
        // The first of them is taken first.
        for (int i = packets - 1; i >= 0; i--) {
            long start = (long) i * bufferBytes;
            free[count++] = new PooledPacket(this, memory.asSlice(start, bufferBytes), start);
        }
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public int size() {
        return free.length;
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int packetBytes() {
        return bufferBytes - HEADROOM;
    }

    @Override
    public @Nullable Packet allocate() {
        lock.lock();
        try {
            requireOpen();
            if (count == 0) {
                return null;
            }
            PooledPacket packet = free[--count];
            packet.take(null, PacketOwner.CALLER);
            return packet;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public PacketCache openCache(String user) {
        LocalCache cache = new LocalCache(this, user, Math.clamp(free.length / SHARE, 1, MAX_CACHE));
        lock.lock();
        try {
            requireOpen();
            caches.add(cache);
            return cache;
        } finally {
            lock.unlock();
        }
    }

    void left(LocalCache cache) {
        lock.lock();
        try {
            if (caches.remove(cache)) {
                leaving.add(cache);
            }
        } finally {
            lock.unlock();
        }
    }

    void closed(LocalCache cache) {
        boolean last;
        lock.lock();
        try {
            caches.remove(cache);
            leaving.remove(cache);
            last = isLast();
        } finally {
            lock.unlock();
        }
        if (last) {
            end();
        }
    }

    /** Fills an array with packets, up to so many; returns how many. */
    int take(PooledPacket[] into, int most) {
        lock.lock();
        try {
            int taken = Math.min(most, count);
            count -= taken;
            System.arraycopy(free, count, into, 0, taken);
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Takes back the first packets of an array. */
    void give(PooledPacket[] from, int number) {
        lock.lock();
        try {
            System.arraycopy(from, 0, free, count, number);
            count += number;
        } finally {
            lock.unlock();
        }
    }

    /** Takes back a packet that no cache wants. */
    void give(PooledPacket packet) {
        boolean last;
        lock.lock();
        try {
            free[count++] = packet;
            last = isLast();
        } finally {
            lock.unlock();
        }
        if (last) {
            end();
        }
    }

    /** Fails unless the packets' port, if they have only one, can do something. */
    void require(PortFeature feature, String lack) {
        if (!features.contains(feature)) {
            throw new UnsupportedOperationException("the port " + lack);
        }
    }

    /** Whoever made the pool is not there any more: it is closed as soon as nobody uses it. */
    void orphan() {
        boolean last;
        lock.lock();
        try {
            orphaned = true;
            last = isLast();
        } finally {
            lock.unlock();
        }
        if (last) {
            end();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            requireUnused();
        } finally {
            lock.unlock();
        }
        orphan();
    }

    private boolean isLast() {
        return orphaned && !closed && caches.isEmpty() && leaving.isEmpty() && count == free.length;
    }

    private void end() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        freeMemory.accept(this);
    }

    private void requireUnused() {
        if (!caches.isEmpty()) {
            throw new IllegalStateException("the pool cannot be closed: " + caches.size()
                    + " queues are open on it, of " + caches + "; close them first");
        }
        // What a device still has cannot be told from what the application has.
        if (count < free.length && leaving.isEmpty()) {
            throw new IllegalStateException("the pool cannot be closed: " + (free.length - count) + " of "
                    + free.length + " packets are out; release them first");
        }
    }

    private void requireOpen() {
        if (orphaned) {
            throw new IllegalStateException("the pool is closed");
        }
    }
}
