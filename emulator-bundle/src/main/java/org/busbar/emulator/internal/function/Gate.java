package org.busbar.emulator.internal.function;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;

/**
 * Calls of somebody else's code that can be ended and waited for, though no lock is held while that code runs.
 */
public final class Gate {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private final List<Thread> inside = new ArrayList<>();
    private boolean closed;

    /** Runs a call, unless the gate is closed. */
    public void pass(Runnable call) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            inside.add(Thread.currentThread());
        } finally {
            lock.unlock();
        }
        try {
            call.run();
        } finally {
            lock.lock();
            try {
                inside.remove(Thread.currentThread());
                left.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Lets no further call in, and waits until those under way have returned; the caller's own does not count.
     *
     * @return whether they have all returned by the deadline
     */
    public boolean close(Deadline deadline) {
        boolean interrupted = false;
        lock.lock();
        try {
            closed = true;
            while (inside.stream().anyMatch(thread -> !thread.equals(Thread.currentThread()))) {
                try {
                    if (!left.await(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
                        return false;
                    }
                } catch (InterruptedException e) {
                    // The promise that no call comes after this holds for interrupted callers too.
                    interrupted = true;
                }
            }
            return true;
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
