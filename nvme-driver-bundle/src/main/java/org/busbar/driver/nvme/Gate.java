package org.busbar.driver.nvme;

import org.busbar.device.DeviceGoneException;

/**
 * Whether requests may pass.
 *
 * <pre>
 *   OPEN --drain()--> DRAINING --shut()--> GONE
 *     \_______________shut()______________/
 * </pre>
 *
 * OPEN: requests are taken. DRAINING: none are taken, those in flight still complete. GONE: those in flight have failed.
 * Thread-safe.
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

    /** Stops taking requests. */
    synchronized void drain() {
        if (state == State.OPEN) {
            state = State.DRAINING;
        }
    }

    /** Fails what is in flight. */
    void shut() {
        synchronized (this) {
            state = State.GONE;
        }
    }

    boolean isGone() {
        return state == State.GONE;
    }

    boolean isDraining() {
        return state == State.DRAINING;
    }

    DeviceGoneException gone() {
        return new DeviceGoneException(name + " is gone");
    }
}
