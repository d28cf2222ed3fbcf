package org.busbar.durable.internal;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.busbar.volume.VolumeStatistics;

/** What a volume counts. Thread-safe. */
final class Statistics {

    private final LongAdder requests = new LongAdder();
    private final LongAdder reissued = new LongAdder();
    private final LongAdder abandoned = new LongAdder();
    private final LongAdder pathsLost = new LongAdder();
    private final LongAdder powerLosses = new LongAdder();
    private final LongAdder pauses = new LongAdder();
    private final AtomicLong lastPause = new AtomicLong();
    private final AtomicLong longestPause = new AtomicLong();

    void ended(long count) {
        requests.add(count);
    }

    void reissued() {
        reissued.increment();
    }

    void abandonedOne() {
        abandoned.increment();
    }

    void pathLost() {
        pathsLost.increment();
    }

    void powerLost() {
        powerLosses.increment();
    }

    /** Requests have had to wait. */
    void paused(long nanos) {
        pauses.increment();
        lastPause.set(nanos);
        longestPause.accumulateAndGet(nanos, Math::max);
    }

    /** @param inQueues requests that have ended in queues that are open */
    VolumeStatistics snapshot(long inQueues) {
        return new VolumeStatistics(
                requests.sum() + inQueues,
                reissued.sum(),
                abandoned.sum(),
                pathsLost.sum(),
                powerLosses.sum(),
                pauses.sum(),
                Duration.ofNanos(lastPause.get()),
                Duration.ofNanos(longestPause.get()));
    }
}
