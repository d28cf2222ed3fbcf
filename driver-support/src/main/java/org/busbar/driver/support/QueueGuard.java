package org.busbar.driver.support;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.busbar.device.DeviceGoneException;

/**
 * Decides whether an open queue may touch its rings. Whatever happens to the device, each call of the queue either does its
 * work or throws {@link DeviceGoneException}, and from then on the rings are left alone, so that others can give back what
 * is in them. For the queue's thread.
 */
public final class QueueGuard {

    /** Calls that find nothing before the clock is looked at: it costs as much as a call. */
    private static final int IDLE_CALLS_BETWEEN_LOOKS = 1 << 6;

    /** Between two looks at the device: registers are slow to read. */
    private static final long NANOS_BETWEEN_CHECKS = TimeUnit.MILLISECONDS.toNanos(10);

    private final String name;
    private final Gate gate;
    private final Health health;
    private final QueuePackets packets;
    private final LongSupplier clock;
    private int idleCalls;
    private long checked;
    private boolean closed;
    private boolean left;

    /** @param name of the port */
    public QueueGuard(String name, Gate gate, Health health, QueuePackets packets) {
        this(name, gate, health, packets, System::nanoTime);
    }

    /** @param clock nanoseconds, as {@link System#nanoTime()} has them */
    QueueGuard(String name, Gate gate, Health health, QueuePackets packets, LongSupplier clock) {
        this.name = name;
        this.gate = gate;
        this.health = health;
        this.packets = packets;
        this.clock = clock;
        checked = clock.getAsLong();
    }

    /** Returns whether frames pass; fails if the queue is closed or the device gone. */
    public boolean pass() {
        if (closed) {
            throw new IllegalStateException("the queue of " + name + " is closed");
        }
        if (left) {
            throw gate.gone();
        }
        try {
            return gate.pass();
        } catch (DeviceGoneException e) {
            leave();
            throw e;
        }
    }

    /**
     * Returns what to throw for what has been caught. The memory of the rings goes away only after the gate is shut; anything
     * else is the caller's own mistake.
     */
    public RuntimeException lost(RuntimeException e) {
        if (e instanceof DeviceGoneException) {
            leave();
            return e;
        }
        if (gate.isGone()) {
            leave();
            return gate.gone();
        }
        return e;
    }

    /**
     * Counts calls that did nothing, and has the device looked at now and then: soon by the clock of a thread that polls all
     * the time as of one that polls each millisecond.
     *
     * @return whether it was looked at and is well, so that the rings may be looked at, too
     */
    public boolean did(int frames) {
        return frames == 0 && ++idleCalls >= IDLE_CALLS_BETWEEN_LOOKS && isTime() && health.check();
    }

    private boolean isTime() {
        idleCalls = 0;
        long now = clock.getAsLong();
        if (now - checked < NANOS_BETWEEN_CHECKS) {
            return false;
        }
        checked = now;
        return true;
    }

    /** Has the device looked at; returns whether it is well. */
    public boolean checkHealth() {
        return health.check();
    }

    /**
     * Has calls fail from here on.
     *
     * @return whether the rings are the caller's to bring to rest: not twice, and not if the device has gone
     */
    public boolean close() {
        boolean first = !closed;
        closed = true;
        return first && !left && !gate.isGone();
    }

    /** Leaves the rings to whoever gives back what is in them. */
    public void leave() {
        left = true;
        packets.leave();
    }
}
