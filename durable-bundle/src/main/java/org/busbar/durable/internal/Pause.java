package org.busbar.durable.internal;

/** The time since which a queue's requests wait for a path, and how long they still do. For the queue's owner. */
final class Pause {

    private final DurableVolume volume;
    private long since;

    Pause(DurableVolume volume) {
        this.volume = volume;
    }

    /** Something waits, from now on unless it did before. */
    void begin() {
        if (since == 0) {
            since = volume.nanoTime();
        }
    }

    /** It goes on: the pause is one that is told of. */
    void end() {
        if (since != 0) {
            volume.statisticsNow().paused(volume.nanoTime() - since);
            since = 0;
        }
    }

    /** It has failed, which is no pause. */
    void fail() {
        since = 0;
    }

    /** Whether nothing waits any longer: the volume has failed, or the time is up. */
    boolean isTooLong() {
        return volume.hasFailed() || (since != 0 && volume.nanoTime() - since > volume.holdNanos());
    }

    /** How long to wait at most, in nanoseconds, until {@link #isTooLong} is to be asked again. */
    long patience() {
        return since == 0
                ? Long.MAX_VALUE
                : Math.max(1, volume.holdNanos() - (volume.nanoTime() - since));
    }
}
