package org.busbar.port.internal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketCache;
import org.busbar.net.driver.PacketOwner;
import org.jspecify.annotations.Nullable;

/** A driver's queue with rings of a few packets of the pool's; after the device has gone each call fails, as a driver's do. */
final class FakeQueue implements PortQueue {

    static final int RING = 8;

    private final FakePort port;
    private final int index;
    private final PacketCache cache;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<DriverPacket> ring = new ArrayDeque<>();
    private final Deque<DriverPacket> arrived = new ArrayDeque<>();
    private final Deque<DriverPacket> handed = new ArrayDeque<>();
    boolean stopped;
    boolean closed;
    /** Throws what it must not, from the next call on; of packets to be sent, after the first. */
    boolean crashes;

    FakeQueue(FakePort port, int index, PortQueueOptions options) {
        this.port = port;
        this.index = index;
        if (!(options.pool() instanceof DriverPool pool)) {
            throw new AssertionError("a port's queues have a pool, not " + options.pool());
        }
        cache = pool.openCache("fake");
        post();
    }

    private void post() {
        for (int i = ring.size(); i < RING; i++) {
            DriverPacket packet = cache.take(PacketOwner.PORT);
            if (packet != null) {
                ring.add(packet);
            }
        }
    }

    // --- for tests

    /** A frame arrives; returns whether there was a buffer for it. */
    boolean arrive(int length) {
        lock.lock();
        try {
            DriverPacket packet = ring.poll();
            if (packet != null) {
                packet.length(length);
                arrived.add(packet);
                changed.signalAll();
                port.received++;
            }
            return packet != null;
        } finally {
            lock.unlock();
        }
    }

    /** Whoever waits is told that the device has gone. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Frames that were handed over leave. */
    void send() {
        while (!handed.isEmpty()) {
            cache.give(handed.remove());
            port.sent++;
        }
    }

    int handedOver() {
        return handed.size();
    }

    // --- for the owner

    @Override
    public int index() {
        return index;
    }

    private void check() {
        if (crashes) {
            throw new ArithmeticException("a defect");
        }
        if (closed) {
            throw new IllegalStateException("the fake queue is closed");
        }
        port.present();
    }

    @Override
    public @Nullable Packet allocate() {
        check();
        return cache.take(PacketOwner.CALLER);
    }

    @Override
    public int receive(@Nullable Packet[] into) {
        check();
        lock.lock();
        try {
            int count = 0;
            while (!stopped && count < into.length && !arrived.isEmpty()) {
                DriverPacket packet = arrived.remove();
                packet.owner(PacketOwner.CALLER);
                into[count++] = packet;
            }
            post();
            return count;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int transmit(@Nullable Packet[] from, int first, int count) {
        if (crashes && count > 0 && from[first] instanceof DriverPacket packet) {
            packet.owner(PacketOwner.PORT);
            handed.add(packet);
        }
        check();
        int taken = 0;
        while (!stopped && taken < count && handed.size() < RING
                && from[first + taken] instanceof DriverPacket packet) {
            packet.owner(PacketOwner.PORT);
            handed.add(packet);
            taken++;
        }
        return taken;
    }

    @Override
    public boolean awaitReceive(Deadline deadline) throws InterruptedException {
        lock.lock();
        try {
            long left = deadline.remainingNanos();
            while (arrived.isEmpty() && !port.isGone() && left > 0) {
                left = changed.awaitNanos(left);
            }
            check();
            return !arrived.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void stop() throws IOException {
        check();
        stopped = true;
    }

    @Override
    public void start() throws IOException {
        check();
        stopped = false;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        port.closed(this);
        ring.forEach(cache::give);
        arrived.forEach(cache::give);
        handed.forEach(cache::give);
        cache.leave();
        cache.close();
    }
}
