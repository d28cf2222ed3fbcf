package org.busbar.emulator.internal.nvme;

import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** What others have the device's thread do for them. */
final class Errands {

    private static final long PATIENCE_MILLIS = 10_000;

    private final Runnable wake;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<FutureTask<?>> waiting = new ArrayDeque<>();
    private volatile boolean any;
    private boolean closed;

    Errands(Runnable wake) {
        this.wake = wake;
    }

    /**
     * Has something done, and waits for it.
     *
     * @throws IllegalArgumentException if the errand throws it
     * @throws IllegalStateException if the errand throws it, or the device does not do it in time or ever
     */
    <T> T run(Supplier<T> errand) {
        FutureTask<T> task = new FutureTask<>(errand::get);
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the card was taken out");
            }
            waiting.add(task);
            any = true;
        } finally {
            lock.unlock();
        }
        wake.run();
        try {
            return task.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof IllegalArgumentException) {
                throw new IllegalArgumentException(cause.getMessage(), cause);
            }
            throw new IllegalStateException(cause.getMessage(), cause);
        } catch (TimeoutException e) {
            task.cancel(false);
            throw new IllegalStateException("the card does nothing any more", e);
        } catch (InterruptedException e) {
            task.cancel(false);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the card was being changed", e);
        } catch (CancellationException e) {
            throw new IllegalStateException("the card was taken out", e);
        }
    }

    /** Does what waits. On the device's thread. */
    void carryOut() {
        while (any) {
            FutureTask<?> next;
            lock.lock();
            try {
                next = waiting.poll();
                any = !waiting.isEmpty();
            } finally {
                lock.unlock();
            }
            if (next != null) {
                next.run();
            }
        }
    }

    /** Does nothing more: what waits is refused. */
    void close() {
        ArrayDeque<FutureTask<?>> rest;
        lock.lock();
        try {
            closed = true;
            rest = new ArrayDeque<>(waiting);
            waiting.clear();
            any = false;
        } finally {
            lock.unlock();
        }
        rest.forEach(task -> task.cancel(false));
    }
}
