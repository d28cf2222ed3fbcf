package org.busbar.pci.internal.linux;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives groups back, each on a thread of its own that nobody interrupts: the kernel may let one wait for long. And again, with
 * growing pauses, what could not be given back. Thread-safe.
 */
final class GiveBackRounds {

    private static final Logger LOG = LoggerFactory.getLogger(GiveBackRounds.class);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final IntPredicate round;
    private final Duration firstPause;
    private final Map<Integer, ScheduledThreadPoolExecutor> workers = new ConcurrentHashMap<>();
    private final Map<Integer, Future<?>> later = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    /**
     * @param round gives a group back as far as it may be; returns whether it need not be tried again
     * @param firstPause how long to wait before the second try
     */
    GiveBackRounds(IntPredicate round, Duration firstPause) {
        this.round = round;
        this.firstPause = firstPause;
    }

    private ScheduledThreadPoolExecutor worker(int group) {
        return workers.computeIfAbsent(group, number -> {
            var worker = new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("busbar-claims-" + number).factory());
            worker.setRemoveOnCancelPolicy(true);
            // There is a thread only while there is something to do, also after the end: what is still open is closed then.
            worker.setKeepAliveTime(1, TimeUnit.SECONDS);
            worker.allowCoreThreadTimeOut(true);
            return worker;
        });
    }

    /** Has a group given back. Completes after the first try. */
    CompletableFuture<Void> request(int group) {
        return CompletableFuture.runAsync(() -> run(group, firstPause), worker(group));
    }

    private void run(int group, Duration pause) {
        cancel(group);
        boolean done = false;
        try {
            done = round.test(group);
        } catch (RuntimeException e) {
            LOG.error("IOMMU group {} could not be given back", group, e);
        } finally {
            if (!done && !stopped) {
                LOG.info("IOMMU group {}: tried again in {} ms", group, pause.toMillis());
                Duration next = pause.multipliedBy(2);
                later.put(group, worker(group).schedule(
                        () -> run(group, next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE),
                        pause.toMillis(), TimeUnit.MILLISECONDS));
            }
        }
    }

    private void cancel(int group) {
        Future<?> planned = later.remove(group);
        if (planned != null) {
            planned.cancel(false);
        }
    }

    /** Ends further tries. Requests are still met. */
    void stop() {
        stopped = true;
        later.keySet().forEach(this::cancel);
    }
}
