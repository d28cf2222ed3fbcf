package org.busbar.emulator.internal.net;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.busbar.emulator.Wire;
import org.jspecify.annotations.Nullable;

/**
 * A port of the switch. Frames are whole Ethernet frames without preamble and frame check sequence. Any number of threads
 * send; one thread receives. Allocates nothing per frame, unless its {@link Wire} does things to frames.
 */
public final class SwitchPort implements AutoCloseable {

    /** Bytes that may wait at a port, and may be on the wire. */
    static final int BACKLOG = 1 << 20;

    private final NetworkSwitch network;
    private final String name;
    private final Runnable arrival;
    private final WireControl wire;
    private final LongSupplier clock;
    private final FrameQueue queue = new FrameQueue(BACKLOG);
    private final LongAdder dropped = new LongAdder();
    private final ReentrantLock change = new ReentrantLock();
    private volatile boolean up = true;
    private volatile BooleanSupplier listens = () -> true;
    /** What frames pass through, null if nothing happens to them. */
    private volatile @Nullable DelayLine line;

    SwitchPort(NetworkSwitch network, String name, Runnable arrival, WireControl wire, LongSupplier clock) {
        this.network = network;
        this.name = name;
        this.arrival = arrival;
        this.wire = wire;
        this.clock = clock;
        exchange();
        wire.onChange(this::followWire);
    }

    /**
     * Sends a frame: it is copied to where it belongs before this returns, and dropped where there is no room.
     *
     * @param frame memory that contains it
     * @param offset where it begins
     * @param length 14 to {@link NetworkSwitch#MAX_FRAME} bytes
     * @return whether it is a frame that the switch takes
     */
    public boolean send(MemorySegment frame, long offset, int length) {
        return up && wire.isUp() && network.forward(this, frame, offset, length);
    }

    /**
     * Receives a frame.
     *
     * @param target where to put it
     * @param offset where in it
     * @param room how many bytes at most; the rest of a longer frame is lost
     * @return the length of the whole frame, or 0 if none has arrived
     */
    public int receive(MemorySegment target, long offset, int room) {
        releaseDue();
        return queue.take(target, offset, room);
    }

    /** Returns whether the frame that was received last has a wrong frame check sequence. For the thread that receives. */
    public boolean damaged() {
        return queue.damaged();
    }

    /** Returns how many bytes wait to be received, roughly. */
    public int waitingBytes() {
        return queue.bytes();
    }

    /** Returns how many frames wait to be received. */
    public int waiting() {
        releaseDue();
        return queue.frames();
    }

    /**
     * Returns in how many nanoseconds a frame that is on the wire arrives, of which nobody is told; {@link Long#MAX_VALUE}
     * if there is none.
     */
    public long due() {
        DelayLine slow = line;
        return slow == null ? Long.MAX_VALUE : slow.due();
    }

    /** Returns how many frames for this port were lost because too many waited. */
    public long dropped() {
        return dropped.sum();
    }

    /** Returns whether the wire is plugged in. */
    public boolean isPluggedIn() {
        return wire.isUp();
    }

    /** Takes the link down or up. A port whose link is down neither sends nor gets anything. */
    public void link(boolean isUp) {
        up = isUp;
        if (!isUp) {
            forget();
        }
    }

    /**
     * Says when there is somebody to receive: what arrives at other times is lost, as on a wire.
     *
     * @param condition asked by whoever sends; returns at once
     */
    public void listensWhile(BooleanSupplier condition) {
        listens = condition;
    }

    private void forget() {
        DelayLine slow = line;
        if (slow != null) {
            slow.clear();
        }
        queue.clear();
        network.forget(this);
    }

    /** Leaves the switch. */
    @Override
    public void close() {
        wire.onChange(() -> {});
        link(false);
        network.detach(this);
    }

    /** Takes a frame that the switch has for this port. */
    void deliver(MemorySegment frame, long offset, int length) {
        if (!up || !wire.isUp() || !listens.getAsBoolean()) {
            return;
        }
        DelayLine slow = line;
        if (slow != null) {
            slow.put(frame, offset, length);
            arrival.run();
        } else if (queue.put(frame, offset, length)) {
            arrival.run();
        } else {
            dropped.increment();
        }
    }

    private void releaseDue() {
        DelayLine slow = line;
        if (slow != null) {
            slow.releaseDue();
        }
    }

    private void followWire() {
        exchange();
        arrival.run();
    }

    /** Another wire is in place: what was on the one before arrives, or is lost if the new one is not plugged in. */
    private void exchange() {
        change.lock();
        try {
            Wire now = wire.get();
            DelayLine before = line;
            line = now.isTransparent()
                    ? null
                    : new DelayLine(now, clock, queue, dropped::increment, BACKLOG);
            if (before != null) {
                before.releaseAll();
            }
            if (!now.up()) {
                forget();
            }
        } finally {
            change.unlock();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
