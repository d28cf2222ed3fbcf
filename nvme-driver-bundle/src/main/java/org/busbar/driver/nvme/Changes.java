package org.busbar.driver.nvme;

/** Counts changes that are under way, and lets none begin for a while. Thread-safe. */
final class Changes {

    private int underWay;
    private boolean stopped;

    /** Begins a change, unless none may begin now. {@link #end} has to follow if this returns true. */
    synchronized boolean begin() {
        if (!stopped) {
            underWay++;
        }
        return !stopped;
    }

    synchronized void end() {
        underWay--;
    }

    /** Lets none begin. */
    synchronized void stop() {
        stopped = true;
    }

    /** Whether none is under way. */
    synchronized boolean areOver() {
        return underWay == 0;
    }

    /** Lets changes begin again. */
    synchronized void allow() {
        stopped = false;
    }
}
