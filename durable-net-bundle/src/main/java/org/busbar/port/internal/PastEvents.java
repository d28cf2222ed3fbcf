package org.busbar.port.internal;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.busbar.port.PortHistory;

/** What has happened to a port. Thread-safe. */
final class PastEvents {

    private final LongAdder dropped = new LongAdder();
    // Guarded by this.
    private long driversLost;
    private long unconfirmed;
    private long pauses;
    private Duration lastPause = Duration.ZERO;
    private Duration longestPause = Duration.ZERO;

    /** Frames were to be sent, and there was no driver. */
    void dropped(int frames) {
        dropped.add(frames);
    }

    synchronized void driverLost() {
        driversLost++;
    }

    synchronized void paused(long nanos) {
        lastPause = Duration.ofNanos(nanos);
        longestPause = longestPause.compareTo(lastPause) < 0 ? lastPause : longestPause;
        pauses++;
    }

    /** A queue begins to hand frames to a driver. */
    synchronized void attached(Handed handed) {
        handed.queues++;
    }

    /** A queue is done with a driver, which has accepted so many frames of it. */
    synchronized void detached(Handed handed, long frames) {
        handed.queues--;
        handed.accepted += frames;
        settle(handed);
    }

    /** A driver has left, which has sent so many frames. */
    synchronized void ended(Handed handed, long sent) {
        handed.sent = sent;
        handed.ended = true;
        settle(handed);
    }

    /** Counts when all is known. */
    private void settle(Handed handed) {
        if (handed.ended && handed.queues == 0) {
            unconfirmed += Math.max(0, handed.accepted - handed.sent);
            handed.accepted = 0; // a queue that comes late is counted by itself
            handed.sent = 0;
        }
    }

    synchronized PortHistory snapshot() {
        return new PortHistory(driversLost, dropped.sum(), unconfirmed, pauses, lastPause, longestPause);
    }
}
