package org.busbar.emulator.internal.net;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;

/**
 * A port of the switch. Frames are whole Ethernet frames without preamble and frame check sequence. Any number of threads
 * send; one thread receives. Allocates nothing per frame.
 */
public final class SwitchPort implements AutoCloseable {

    /** Bytes that may wait at a port. */
    static final int BACKLOG = 1 << 20;

    private final NetworkSwitch network;
    private final String name;
    private final Runnable arrival;
    private final FrameQueue queue = new FrameQueue(BACKLOG);
    private final LongAdder dropped = new LongAdder();
    private volatile boolean up = true;

    SwitchPort(NetworkSwitch network, String name, Runnable arrival) {
        this.network = network;
        this.name = name;
        this.arrival = arrival;
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
        return up && network.forward(this, frame, offset, length);
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
        return queue.take(target, offset, room);
    }

    /** Returns how many frames wait to be received. */
    public int waiting() {
        return queue.frames();
    }

    /** Returns how many frames for this port were lost because too many waited. */
    public long dropped() {
        return dropped.sum();
    }

    /** Takes the link down or up. A port whose link is down neither sends nor gets anything. */
    public void link(boolean isUp) {
        up = isUp;
        if (!isUp) {
            queue.clear();
            network.forget(this);
        }
    }

    /** Leaves the switch. */
    @Override
    public void close() {
        link(false);
        network.detach(this);
    }

    /** Takes a frame that the switch has for this port. */
    void deliver(MemorySegment frame, long offset, int length) {
        if (!up) {
            return;
        }
        if (queue.put(frame, offset, length)) {
            arrival.run();
        } else {
            dropped.increment();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
