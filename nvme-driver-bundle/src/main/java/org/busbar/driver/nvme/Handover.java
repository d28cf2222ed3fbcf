package org.busbar.driver.nvme;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Where the owner of a queue meets those who reset the controller under it, or take its namespace away.
 *
 * <p>It keeps the owner from the doorbells during a reset: an owner that is late would ring for commands that the new rings
 * do not have. Its volatile store and its load of the gate's state are one side of a handshake, the reset's pause of the gate
 * and its look at {@link #isStill} the other: one of the two sees the other.
 */
final class Handover {

    private static final VarHandle INSIDE;
    private static final VarHandle RENEWED;

    static {
        try {
            INSIDE = MethodHandles.lookup().findVarHandle(Handover.class, "inside", boolean.class);
            RENEWED = MethodHandles.lookup().findVarHandle(Handover.class, "renewed", QueuePair.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Gate gate;

    @SuppressWarnings("unused") // by its handle
    private volatile boolean inside;

    private volatile @Nullable QueuePair renewed;
    private volatile boolean retired;

    Handover(Gate gate) {
        this.gate = gate;
    }

    // For the others, on any thread.

    /** Of a queue whose gate is paused, or that is retired: whether its owner leaves the doorbells alone from now on. */
    boolean isStill() {
        return !(boolean) INSIDE.getVolatile(this);
    }

    /**
     * Hands in a pair that the controller, reset meanwhile, has just created. To be called with the gate paused, by one
     * thread at a time.
     */
    void renew(QueuePair fresh) {
        QueuePair neverUsed = (QueuePair) RENEWED.getAndSet(this, fresh);
        if (neverUsed != null) {
            neverUsed.release();
        }
    }

    /**
     * Lets no further command reach the device, because what it would be for is no more: what is prepared ends with GONE.
     * Once {@link #isStill} says so as well and nothing is in flight, nothing is under way.
     */
    void retire() {
        retired = true;
    }

    // For the owner.

    /** Returns whether the owner may touch the doorbells; either way {@link #leave} has to follow. */
    boolean enter() {
        INSIDE.setVolatile(this, true);
        return gate.mayRing() && renewed == null && !retired;
    }

    void leave() {
        INSIDE.setRelease(this, false);
    }

    boolean isRetired() {
        return retired;
    }

    /** Whether there is a new pair. */
    boolean isRenewed() {
        return renewed != null;
    }

    /**
     * Whether there is a new pair and the reset is over: before that nobody would ring for what is sent again. If the next
     * reset begins meanwhile it brings the next pair.
     */
    boolean canGoOn() {
        return renewed != null && !gate.isPaused();
    }

    /** Takes the pair that was handed in last and not taken yet, if there is one. */
    @Nullable
    QueuePair take() {
        return (QueuePair) RENEWED.getAndSet(this, null);
    }
}
