package org.busbar.durable.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Everything at once and on the caller's thread, in order, unless tasks are to have threads; time passes when the test says so.
 * Thread-safe.
 */
final class TestWorks implements Works {

    private record Later(long due, Runnable action) {}

    private final Deque<Runnable> due = new ArrayDeque<>();
    private final List<Later> later = new ArrayList<>();
    private volatile Executor tasks = Runnable::run;
    private final AtomicInteger started = new AtomicInteger();
    private boolean running;
    private long now = 1;

    /** A change that leads to another one is complete before that begins, as on a thread. */
    private synchronized void run(Runnable action) {
        due.add(action);
        if (running) {
            return;
        }
        running = true;
        try {
            for (Runnable next = due.poll(); next != null; next = due.poll()) {
                next.run();
            }
        } finally {
            running = false;
        }
    }

    @Override
    public Executor changes() {
        return this::run;
    }

    @Override
    public Executor tasks() {
        return tasks;
    }

    /** From now on each task has a thread of its own. */
    void threads() {
        tasks = task -> {
            started.incrementAndGet();
            Thread.ofPlatform().daemon().start(task);
        };
    }

    /** Returns how many tasks have been given a thread. */
    int started() {
        return started.get();
    }

    @Override
    public synchronized void later(Runnable action, long nanos) {
        later.add(new Later(now + nanos, action));
    }

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    /** Lets time pass. */
    synchronized void pass(long nanos) {
        now += nanos;
        List<Later> ripe = later.stream().filter(entry -> entry.due <= now).toList();
        later.removeAll(ripe);
        ripe.forEach(entry -> run(entry.action));
    }
}
