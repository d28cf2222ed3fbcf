package org.busbar.core.internal.work;

import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Real time. Its one thread only posts to workers. */
public final class SystemScheduler implements Scheduler, AutoCloseable {

    private final ScheduledThreadPoolExecutor executor;

    /** Creates a scheduler; its thread starts with the first action. */
    public SystemScheduler() {
        executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("busbar-clock").daemon().factory());
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public Timer schedule(long delayNanos, Runnable action) {
        if (executor.isShutdown()) {
            return () -> {};
        }
        Future<?> pending = executor.schedule(action, delayNanos, TimeUnit.NANOSECONDS);
        return () -> pending.cancel(false);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
