package org.busbar.port.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads and time of the machine: one thread for changes, others for what takes the time of drivers. */
final class ThreadWorks implements Works, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ThreadWorks.class);

    private final ScheduledThreadPoolExecutor changes = new ScheduledThreadPoolExecutor(
            1,
            Thread.ofPlatform().daemon().name("busbar-ports").factory(),
            new ThreadPoolExecutor.DiscardPolicy());

    ThreadWorks() {
        changes.setRemoveOnCancelPolicy(true);
        changes.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Executor changes() {
        return action -> changes.execute(reported(action));
    }

    /** The executor keeps what is thrown to itself. */
    private static Runnable reported(Runnable action) {
        return () -> {
            try {
                action.run();
            } catch (RuntimeException | Error defect) {
                LOG.error("a change of a port has failed", defect);
                throw defect;
            }
        };
    }

    /**
     * A thread that has ended still holds what it was made to run, and Felix 7.0.5 never forgets one that has lost a race for
     * loading a class: with it would stay the card that it worked for, and that one's driver.
     */
    @Override
    public Executor tasks() {
        // Of the platform's: a driver that never returns must not take a processor from all virtual threads.
        return task -> Thread.ofPlatform().daemon().name("busbar-port-task").start(once(task));
    }

    /** Returns what runs a task and then holds it no longer. */
    private static Runnable once(Runnable task) {
        AtomicReference<@Nullable Runnable> held = new AtomicReference<>(task);
        return () -> {
            Runnable first = held.getAndSet(null);
            if (first != null) {
                first.run();
            }
        };
    }

    @Override
    public void later(Runnable action, long nanos) {
        var _ = changes.schedule(reported(action), nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    /** What is submitted from now on is forgotten. */
    @Override
    public void close() {
        changes.shutdown();
    }
}
