package org.busbar.shell.nvme.internal.nbd;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.block.BlockQueue;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What the receiver has for the executor. The executor waits for either of two things, a request or a completion; while it
 * waits for a completion, and only then, a request interrupts it. Thread-safe; one thread takes.
 */
final class Inbox {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Request> requests = new ArrayDeque<>();
    private @Nullable Thread waiter;
    private boolean closed;
    private volatile boolean aborted;

    /** Hands a request over. */
    void put(Request request) {
        lock.lock();
        try {
            requests.add(request);
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing will follow. */
    void close() {
        lock.lock();
        try {
            closed = true;
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing will follow, and what is there is not to be done. */
    void abort() {
        lock.lock();
        try {
            aborted = true;
            closed = true;
            wake();
        } finally {
            lock.unlock();
        }
    }

    boolean isAborted() {
        return aborted;
    }

    private void wake() {
        changed.signalAll();
        if (waiter != null) {
            waiter.interrupt();
            waiter = null;
        }
    }

    /** Returns the next request, null if there is none now. */
    @Nullable
    Request poll() {
        lock.lock();
        try {
            return requests.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a request; returns whether there is one, or may be one. */
    boolean await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (requests.isEmpty() && !closed) {
                changed.await();
            }
            return !requests.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a completion, or for a request; after the last request, for a completion. */
    void awaitEither(BlockQueue queue, Deadline deadline) throws DeviceTimeoutException {
        lock.lock();
        try {
            if (!requests.isEmpty() || aborted) {
                return;
            }
            waiter = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        try {
            queue.await(deadline);
        } catch (InterruptedException e) {
            // A request, or the end.
        } finally {
            endWait();
        }
    }

    /** From here on nobody interrupts; who has done so just before has not to be taken for somebody else. */
    private void endWait() {
        lock.lock();
        try {
            if (waiter == null) {
                Thread.interrupted();
            }
            waiter = null;
        } finally {
            lock.unlock();
        }
    }
}
