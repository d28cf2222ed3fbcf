package org.busbar.core.internal.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.busbar.core.internal.work.Scheduler;

/** Time that passes only when a test says so. */
final class ManualScheduler implements Scheduler {

    private record Entry(long at, long order, Runnable action) {}

    private final PriorityQueue<Entry> entries =
            new PriorityQueue<>(Comparator.comparingLong(Entry::at).thenComparingLong(Entry::order));
    private long now = 1_000_000_000L;
    private long order;

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    @Override
    public synchronized Instant now() {
        return Instant.EPOCH.plusNanos(now);
    }

    @Override
    public synchronized Timer schedule(long delayNanos, Runnable action) {
        Entry entry = new Entry(now + Math.max(0, delayNanos), order++, action);
        entries.add(entry);
        return () -> cancel(entry);
    }

    private synchronized void cancel(Entry entry) {
        entries.remove(entry);
    }

    /** Lets time pass; actions run on the calling thread, outside the lock. */
    void advance(Duration duration) {
        List<Runnable> due = new ArrayList<>();
        synchronized (this) {
            now += duration.toNanos();
            while (!entries.isEmpty() && entries.peek().at() <= now) {
                due.add(entries.poll().action());
            }
        }
        due.forEach(Runnable::run);
    }

    /** Lets time pass until the next action is due. Returns false if there is none. */
    boolean advanceToNext() {
        Duration step;
        synchronized (this) {
            if (entries.isEmpty()) {
                return false;
            }
            step = Duration.ofNanos(Math.max(0, entries.peek().at() - now));
        }
        advance(step);
        return true;
    }

    synchronized int pending() {
        return entries.size();
    }

    /** Runs something, on another thread, that may need time to pass. */
    void runWhileClosing(Runnable closing) {
        Thread thread = Thread.ofVirtual().start(closing);
        try {
            while (!thread.join(Duration.ofMillis(200))) {
                advance(Duration.ofSeconds(10));
            }
        } catch (InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }
}
