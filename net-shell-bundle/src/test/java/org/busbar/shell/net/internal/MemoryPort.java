package org.busbar.shell.net.internal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.LinkState;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.net.PortStatistics;
import org.busbar.shell.net.internal.wire.Frames;
import org.jspecify.annotations.Nullable;

/** A port with one queue, at the end of a cable of memory. What it sends comes out of its peer, or can be taken from it. */
public final class MemoryPort implements NetworkPort {

    private static final int PACKETS = 512;

    private final String name;
    private final MacAddress mac;
    private final int packetBytes;
    private final Set<PortFeature> features;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<byte[]> inbox = new ArrayDeque<>();
    private final Deque<MemoryPacket> pool = new ArrayDeque<>();
    private final AtomicInteger open = new AtomicInteger();
    private final List<byte[]> sent = new ArrayList<>();
    private final List<String> settings = new ArrayList<>();
    private UnaryOperator<byte[]> cable = frame -> frame;
    private @Nullable MemoryPort peer;
    private int mtu = 1500;
    private int refused;
    private boolean gone;
    private long received;

    public MemoryPort(String name, int number, int packetBytes, PortFeature... features) {
        this.name = name;
        this.packetBytes = packetBytes;
        mac = new MacAddress(0x5254_0000_0000L | number);
        this.features = EnumSet.noneOf(PortFeature.class);
        this.features.addAll(List.of(features));
        for (int i = 0; i < PACKETS; i++) {
            pool.add(new MemoryPacket(this, packetBytes));
        }
    }

    /** Joins two ports. */
    public static void join(MemoryPort one, MemoryPort other) {
        one.peer = other;
        other.peer = one;
    }

    /** Has something happen to each frame that is sent: null loses it. */
    public MemoryPort onCable(UnaryOperator<byte[]> happens) {
        cable = happens;
        return this;
    }

    /** The frame arrives. */
    public void arrive(byte[] frame) {
        lock.lock();
        try {
            inbox.add(frame.clone());
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The device goes. */
    public void yank() {
        lock.lock();
        try {
            gone = true;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for so many frames to have been sent, and returns them. */
    public List<byte[]> sent(int count) throws InterruptedException {
        Deadline deadline = Deadline.afterMillis(20_000);
        lock.lock();
        try {
            while (sent.size() < count) {
                if (arrived.awaitNanos(deadline.remainingNanos()) <= 0) {
                    throw new AssertionError(sent.size() + " frames were sent, not " + count);
                }
            }
            return List.copyOf(sent);
        } finally {
            lock.unlock();
        }
    }

    /** Returns what has been set, in words. */
    public List<String> settings() {
        return settings;
    }

    /** Refuses so many settings from now on. */
    public void refuse(int count) {
        refused = count;
    }

    /** Returns how many queues are open. */
    public int openQueues() {
        return open.get();
    }

    /** Returns how many packets are neither in the port nor in the pool. */
    public int packetsOut() {
        lock.lock();
        try {
            return PACKETS - pool.size();
        } finally {
            lock.unlock();
        }
    }

    void back(MemoryPacket packet) {
        lock.lock();
        try {
            packet.comeBack();
            pool.add(packet);
        } finally {
            lock.unlock();
        }
    }

    private void present() {
        if (gone) {
            throw new DeviceGoneException(name + " was pulled");
        }
    }

    private void set(String what) throws IOException {
        present();
        if (refused > 0) {
            refused--;
            throw new IOException("the device refuses " + what);
        }
        settings.add(what);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public MacAddress mac() {
        return mac;
    }

    @Override
    public LinkState link() {
        present();
        return new LinkState(true, 1000, true);
    }

    @Override
    public AutoCloseable onLinkChange(LinkListener listener) {
        return () -> {};
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public int maxMtu() {
        return 9000;
    }

    @Override
    public void changeMtu(int bytes) throws IOException {
        set("mtu " + bytes);
        mtu = bytes;
    }

    @Override
    public void promiscuous(boolean on) throws IOException {
        set("promiscuous " + on);
    }

    @Override
    public void multicast(List<MacAddress> groups) throws IOException {
        set("multicast " + groups);
    }

    @Override
    public void identify(boolean on) throws IOException {
        set("identify " + on);
    }

    @Override
    public PortStatistics statistics() {
        present();
        lock.lock();
        try {
            return new PortStatistics(received, 0, sent.size(), 0, 0, 0);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Set<PortFeature> features() {
        return features;
    }

    @Override
    public PortQueue openQueue() throws IOException {
        present();
        if (!open.compareAndSet(0, 1)) {
            throw new IOException("the queue of " + name + " is open already");
        }
        return new Queue();
    }

    private final class Queue implements PortQueue {

        @Override
        public @Nullable Packet allocate() {
            lock.lock();
            try {
                MemoryPacket packet = pool.poll();
                if (packet != null) {
                    packet.takenOut();
                }
                return packet;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public int receive(@Nullable Packet[] into) {
            lock.lock();
            try {
                present();
                int count = 0;
                while (count < into.length && !inbox.isEmpty()) {
                    into[count++] = packets(inbox.remove());
                    received++;
                }
                return count;
            } finally {
                lock.unlock();
            }
        }

        private Packet packets(byte[] frame) {
            MemoryPacket first = null;
            MemoryPacket last = null;
            for (int at = 0; at < frame.length; at += packetBytes) {
                MemoryPacket packet = (MemoryPacket) allocate();
                if (packet == null) {
                    throw new AssertionError("no packets left: somebody does not release them");
                }
                int bytes = Math.min(packetBytes, frame.length - at);
                packet.length(bytes);
                MemorySegment.copy(frame, at, packet.data(), ValueLayout.JAVA_BYTE, 0, bytes);
                if (last == null) {
                    first = packet;
                } else {
                    last.next(packet);
                }
                last = packet;
            }
            if (first == null) {
                throw new AssertionError("an empty frame");
            }
            return first;
        }

        @Override
        public int transmit(@Nullable Packet[] from, int first, int count) {
            for (int i = 0; i < count; i++) {
                Packet packet = from[first + i];
                if (packet == null) {
                    throw new AssertionError("no packet at " + i);
                }
                send(packet);
            }
            return count;
        }

        private void send(Packet packet) {
            byte[] frame = new byte[Frames.length(packet)];
            Frames.gather(packet, MemorySegment.ofArray(frame));
            packet.release();
            byte[] delivered = cable.apply(frame);
            lock.lock();
            try {
                present();
                sent.add(frame);
                arrived.signalAll();
            } finally {
                lock.unlock();
            }
            MemoryPort other = peer;
            if (other != null && delivered != null) {
                other.arrive(delivered);
            }
        }

        @Override
        public boolean awaitReceive(Deadline deadline) throws InterruptedException {
            lock.lock();
            try {
                long left = deadline.remainingNanos();
                while (inbox.isEmpty() && !gone && left > 0) {
                    left = arrived.awaitNanos(left);
                }
                present();
                return !inbox.isEmpty();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            open.set(0);
        }
    }
}
