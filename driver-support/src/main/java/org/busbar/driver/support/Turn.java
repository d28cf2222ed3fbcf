package org.busbar.driver.support;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Keeps the owner of a queue and somebody who resets the device out of each other's way: the owner is inside for as long as
 * a call lasts, and is turned away while the other has claimed the queue. Each says first what it wants and looks then what
 * the other wants, so that never both go on; it costs the owner one store with a fence, and no lock.
 */
public final class Turn {

    private static final VarHandle INSIDE;

    static {
        try {
            INSIDE = MethodHandles.lookup().findVarHandle(Turn.class, "inside", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile boolean inside;
    private volatile boolean claimed;

    /** The owner begins a call; returns whether it may. If so it has to {@link #leave}. */
    public boolean enter() {
        inside = true;
        if (claimed) {
            leave();
            return false;
        }
        return true;
    }

    /** The owner's call is over. What it has done is seen by whoever finds {@link #isFree}. */
    public void leave() {
        INSIDE.setRelease(this, false);
    }

    /** Turns the owner away from its next call on. */
    public void claim() {
        claimed = true;
    }

    /** Whether the owner is outside; after {@link #claim} that stays so. */
    public boolean isFree() {
        return !inside;
    }

    /** Lets the owner in again. */
    public void letIn() {
        claimed = false;
    }
}
