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
 *
 * <p>While the controller is reset, OPEN and DRAINING are paused as well: none are taken, those in flight wait, and nobody
 * touches the doorbells of I/O queues. Thread-safe.
 */
final class Gate {

    private static final int OPEN = 0;
    private static final int DRAINING = 1;
    private static final int PAUSED = 2;
    private static final int GONE = 4;

    private final String name;
    private volatile int state = OPEN;

    Gate(String name) {
        this.name = name;
    }

    /** Stops taking requests. */
    synchronized void drain() {
        state |= DRAINING;
    }

    /** Stops everything for a reset. What {@link Handover#isStill} says of each queue has to be waited for. */
    synchronized void pause() {
        state |= PAUSED;
    }

    /** Goes on after a reset. Queues that live on were renewed before. */
    synchronized void resume() {
        state &= ~PAUSED;
    }

    /** Fails what is in flight. */
    synchronized void shut() {
        state |= GONE;
    }

    /** Whether requests are taken. */
    boolean isOpen() {
        return state == OPEN;
    }

    boolean isGone() {
        return (state & GONE) != 0;
    }

    boolean isDraining() {
        return (state & (DRAINING | GONE)) == DRAINING;
    }

    boolean isPaused() {
        return (state & PAUSED) != 0;
    }

    /** Whether doorbells of I/O queues may be touched. */
    boolean mayRing() {
        return (state & (PAUSED | GONE)) == 0;
    }

    DeviceGoneException gone() {
        return new DeviceGoneException(name + " is gone");
    }
}
