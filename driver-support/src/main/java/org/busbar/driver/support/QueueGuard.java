package org.busbar.driver.support;

import org.busbar.device.DeviceGoneException;

/**
 * Decides whether an open queue may touch its rings. Whatever happens to the device, each call of the queue either does its
 * work or throws {@link DeviceGoneException}, and from then on the rings are left alone, so that others can give back what
 * is in them. For the queue's thread.
 */
public final class QueueGuard {

    /** Calls that find nothing before the device's health is looked at: a few milliseconds of a busy thread. */
    private static final int IDLE_CALLS_BETWEEN_CHECKS = 1 << 14;

    private final String name;
    private final Gate gate;
    private final Health health;
    private final QueuePackets packets;
    private int idleCalls;
    private boolean closed;
    private boolean left;

    /** @param name of the port */
    public QueueGuard(String name, Gate gate, Health health, QueuePackets packets) {
        this.name = name;
        this.gate = gate;
        this.health = health;
        this.packets = packets;
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
     * Counts calls that did nothing, and has the device looked at now and then.
     *
     * @return whether it was looked at and is well, so that the rings may be looked at, too
     */
    public boolean did(int frames) {
        if (frames == 0 && ++idleCalls >= IDLE_CALLS_BETWEEN_CHECKS) {
            idleCalls = 0;
            return health.check();
        }
        return false;
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
