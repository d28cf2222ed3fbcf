package org.busbar.driver.virtionet;

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
final class Gate {

    private enum State {
        OPEN,
        DRAINING,
        GONE
    }

    private final String name;
    private volatile State state = State.OPEN;

    Gate(String name) {
        this.name = name;
    }

    synchronized void drain() {
        if (state == State.OPEN) {
            state = State.DRAINING;
        }
    }

    synchronized void shut() {
        state = State.GONE;
    }

    /** Whether frames pass; fails if the device is gone. */
    boolean pass() {
        State now = state;
        if (now == State.GONE) {
            throw gone();
        }
        return now == State.OPEN;
    }

    boolean isGone() {
        return state == State.GONE;
    }

    DeviceGoneException gone() {
        return new DeviceGoneException(name + " is gone");
    }
}
