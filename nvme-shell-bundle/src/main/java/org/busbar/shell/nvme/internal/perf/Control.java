package org.busbar.shell.nvme.internal.perf;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Starts the threads of a run together, stops them, and knows which have ended. Thread-safe. */
final class Control {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final int threads;
    private final Duration patience;
    private int ready;
    private int ended;
    private boolean begun;
    private volatile boolean stopped;
    private @Nullable String failure;

    /**
     * @param threads how many threads have to be ready before the run begins
     * @param patience how long they may take for that
     */
    Control(int threads, Duration patience) {
        this.threads = threads;
        this.patience = patience;
    }

    /** A thread has got what it needs, and waits for the start; returns whether there is one. */
    boolean awaitStart() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            ready++;
            changed.signalAll();
            long left = 2 * patience.toNanos(); // whoever starts the run gives up before
            while (!begun && !stopped && left > 0) {
                left = changed.awaitNanos(left);
            }
            return begun && !stopped;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until all threads are ready, and starts them; returns whether all are. If one never will be, or they take too
     * long, the run stops before it has begun.
     */
    boolean start() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = patience.toNanos();
            while (ready < threads && ended == 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (ready == threads) {
                begun = true;
                changed.signalAll();
                return true;
            }
            if (ended == 0) {
                failure = (threads - ready) + " of " + threads + " threads did not get a queue within "
                        + patience.toSeconds() + " s";
            }
        } finally {
            lock.unlock();
        }
        stop();
        return false;
    }

    /** Has the threads take up nothing new. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean stopped() {
        return stopped;
    }

    /** A thread cannot go on; the others stop. The first reason counts. */
    void fail(String reason) {
        lock.lock();
        try {
            if (failure == null) {
                failure = reason;
            }
        } finally {
            lock.unlock();
        }
        stop();
    }

    @Nullable
    String failure() {
        lock.lock();
        try {
            return failure;
        } finally {
            lock.unlock();
        }
    }

    /** A thread has ended. */
    void ended() {
        lock.lock();
        try {
            ended++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the end of all threads, at most so long, and returns whether they have ended. */
    boolean awaitEnd(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (ended < threads && left > 0) {
                left = changed.awaitNanos(left);
            }
            return ended == threads;
        } finally {
            lock.unlock();
        }
    }
}
