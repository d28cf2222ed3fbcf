package org.busbar.driver.support;

import org.busbar.device.DeviceGoneException;

/**
 * Whether frames may pass.
 *
 * <pre>
 *   OPEN --drain()--> DRAINING --shut()--> GONE
 *     \_______________shut()______________/
 * </pre>
 *
 * OPEN: frames pass. DRAINING: none are taken, what was handed over still leaves. GONE: every call fails. Thread-safe.
 */
public final class Gate {

    private enum State {
        OPEN,
        DRAINING,
        GONE
    }

    private final String name;
    private volatile State state = State.OPEN;

    /** Makes an open one, for a device of that name. */
    public Gate(String name) {
        this.name = name;
    }

    /** Has no more frames taken. */
    public synchronized void drain() {
        if (state == State.OPEN) {
            state = State.DRAINING;
        }
    }

    /** The device is gone, or not this driver's any more. */
    public synchronized void shut() {
        state = State.GONE;
    }

    /** Returns whether frames pass; fails if the device is gone. */
    public boolean pass() {
        State now = state;
        if (now == State.GONE) {
            throw gone();
        }
        return now == State.OPEN;
    }

    /** Returns whether it is shut. */
    public boolean isGone() {
        return state == State.GONE;
    }

    /** Returns what calls fail with then. */
    public DeviceGoneException gone() {
        return new DeviceGoneException(name + " is gone");
    }
}
