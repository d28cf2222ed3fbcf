package org.busbar.durable.internal;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts changes, and lets threads wait for the next one. Thread-safe; allocates nothing. */
final class Changes {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile long count;

    /** How many there were so far: to be asked before one looks for what may have changed. */
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
