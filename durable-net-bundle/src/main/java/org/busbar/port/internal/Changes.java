package org.busbar.port.internal;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts what has changed, and lets threads wait for more. Thread-safe; allocates nothing. */
final class Changes {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile long count;

    /** How many changes there were: to be asked before one looks for what may have changed. */
    long count() {
        return count;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock only
    void signal() {
        lock.lock();
        try {
            count++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there were more than so many, at most so long. */
    void await(long seen, long nanos) throws InterruptedException {
        long left = nanos;
        lock.lockInterruptibly();
        try {
            while (count == seen && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }
}
