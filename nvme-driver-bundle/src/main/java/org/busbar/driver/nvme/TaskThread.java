package org.busbar.driver.nvme;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread of a binding that does one thing after the other, and something else at regular times, however much there is to
 * do. It ends when it is stopped or, by interrupt, with the binding. Thread-safe.
 */
final class TaskThread {

    private static final Logger LOG = LoggerFactory.getLogger(TaskThread.class);

    /** Something to do. */
    @FunctionalInterface
    interface Task {
        void run() throws InterruptedException;
    }

    private final String name;
    private final Consumer<RuntimeException> crashed;
    private final LinkedBlockingQueue<Task> tasks;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopped;
    private volatile @Nullable Thread thread;

    /**
     * @param room how many tasks may wait
     * @param crashed told of what a task throws, {@link DeviceGoneException} aside; the thread goes on
     */
    TaskThread(String name, int room, Consumer<RuntimeException> crashed) {
        this.name = name;
        this.crashed = crashed;
        this.tasks = new LinkedBlockingQueue<>(room);
    }

    /**
     * Begins.
     *
     * @param regular done {@code everyMillis} after its last end; tasks that wait do not keep it from that
     */
    void start(Executor executor, long everyMillis, Task regular) {
        executor.execute(() -> run(TimeUnit.MILLISECONDS.toNanos(everyMillis), regular));
    }

    /** Has something done, sooner or later. Returns false if there is no room, or the thread has stopped. */
    boolean post(Task task) {
        return !stopped && tasks.offer(task);
    }

    private void run(long everyNanos, Task regular) {
        thread = Thread.currentThread();
        long due = System.nanoTime() + everyNanos;
        try {
            while (!stopped) {
                long left = due - System.nanoTime();
                Task next = left > 0 ? tasks.poll(left, TimeUnit.NANOSECONDS) : null;
                if (next != null) {
                    perform(next);
                } else {
                    perform(regular);
                    due = System.nanoTime() + everyNanos;
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("{}: ends", name);
        } finally {
            stopped = true;
            thread = null;
            ended.countDown();
        }
    }

    private void perform(Task task) throws InterruptedException {
        try {
            task.run();
        } catch (DeviceGoneException e) {
            LOG.debug("{}: {}", name, e.getMessage());
        } catch (RuntimeException e) {
            crashed.accept(e);
        }
    }

    /** Takes no more tasks, interrupts the one that runs, and waits for its end. Returns whether it has ended in time. */
    boolean stop(Deadline deadline) throws InterruptedException {
        stopped = true;
        Thread running = thread;
        if (running == null) {
            return true;
        }
        running.interrupt();
        return running.threadId() == Thread.currentThread().threadId()
                || ended.await(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
    }
}
