package org.busbar.driver.nvme;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Keeps a queue's owner from the doorbells while the controller is reset: one that is late would ring for commands that
 * the new rings do not have. The owner's volatile store and its load of the gate's state are one side of a handshake, the
 * reset's pause of the gate and its look at {@link #isOutside} the other: one of the two sees the other.
 */
final class RingGuard {

    private static final VarHandle INSIDE;

    static {
        try {
            INSIDE = MethodHandles.lookup().findVarHandle(RingGuard.class, "inside", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Gate gate;

    @SuppressWarnings("unused") // by its handle
    private volatile boolean inside;

    RingGuard(Gate gate) {
        this.gate = gate;
    }

    /** Returns whether the owner may touch the doorbells; either way {@link #leave} has to follow. */
    boolean enter() {
        INSIDE.setVolatile(this, true);
        return gate.mayRing();
    }

    void leave() {
        INSIDE.setRelease(this, false);
    }

    /** Whether the owner leaves the doorbells alone from now on, if the gate was paused before. From any thread. */
    boolean isOutside() {
        return !(boolean) INSIDE.getVolatile(this);
    }
}
