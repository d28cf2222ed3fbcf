package org.busbar.emulator.internal.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A learning Ethernet switch. A frame goes to the port where its destination was last seen, or to all other ports if
 * that is unknown, a group address or everybody. Each port has a queue of bounded size; what does not fit is dropped and
 * counted there. Thread-safe.
 */
public final class NetworkSwitch {

    /** The longest frame it takes, in bytes. */
    public static final int MAX_FRAME = 16 * 1024;

    private static final int MIN_FRAME = 14;
    private static final long GROUP = 1L << 40;

    private final ReentrantLock lock = new ReentrantLock();
    private final AddressTable table = new AddressTable();
    private final LongSupplier clock;
    // Replaced, never changed, so that a sender walks over it without the lock.
    private volatile SwitchPort[] ports = {};

    /** A switch with the machine's clock. */
    public NetworkSwitch() {
        this(System::nanoTime);
    }

    /**
     * A switch with a clock of its own.
     *
     * @param clock nanoseconds, for wires that delay frames
     */
    public NetworkSwitch(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * Adds a port with a wire that does nothing to frames.
     *
     * @param name for people
     * @param arrival called after a frame has arrived, or has set out, by the sender's thread, and after the wire has
     *     changed: returns at once, for example after waking the receiver. Not called under a lock.
     */
    public SwitchPort attach(String name, Runnable arrival) {
        return attach(name, arrival, new WireControl());
    }

    /** Adds a port as {@link #attach(String, Runnable)} does, with a wire that may be changed. */
    public SwitchPort attach(String name, Runnable arrival, WireControl wire) {
        SwitchPort port = new SwitchPort(this, name, arrival, wire, clock);
        lock.lock();
        try {
            SwitchPort[] more = new SwitchPort[ports.length + 1];
            System.arraycopy(ports, 0, more, 0, ports.length);
            more[ports.length] = port;
            ports = more;
        } finally {
            lock.unlock();
        }
        return port;
    }

    @Override
    public String toString() {
        return "a switch with " + ports.length + " ports";
    }

    boolean forward(SwitchPort from, MemorySegment frame, long offset, int length) {
        if (length < MIN_FRAME || length > MAX_FRAME) {
            return false;
        }
        long destination = address(frame, offset);
        long source = address(frame, offset + 6);
        SwitchPort to = learnAndFind(from, source, destination);
        if (to == from) {
            return true;
        }
        if (to != null) {
            to.deliver(frame, offset, length);
            return true;
        }
        for (SwitchPort port : ports) {
            if (port != from) {
                port.deliver(frame, offset, length);
            }
        }
        return true;
    }

    void forget(SwitchPort port) {
        lock.lock();
        try {
            table.forget(port);
        } finally {
            lock.unlock();
        }
    }

    void detach(SwitchPort port) {
        lock.lock();
        try {
            SwitchPort[] rest = Arrays.stream(ports)
                    .filter(other -> other != port)
                    .toArray(SwitchPort[]::new);
            ports = rest;
            table.forget(port);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable SwitchPort learnAndFind(SwitchPort from, long source, long destination) {
        lock.lock();
        try {
            if ((source & GROUP) == 0) {
                table.learn(source, from);
            }
            return (destination & GROUP) != 0 ? null : table.find(destination);
        } finally {
            lock.unlock();
        }
    }

    private static long address(MemorySegment frame, long offset) {
        long value = 0;
        for (int i = 0; i < 6; i++) {
            value = (value << 8) | (frame.get(ValueLayout.JAVA_BYTE, offset + i) & 0xff);
        }
        return value;
    }
}
