package org.busbar.core.internal.scope;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.busbar.device.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * Whether a grant is revoked, and what has to happen once when it is. Setting the flag runs nothing and never waits;
 * the actions, which are foreign code, are run apart from it, each exactly once, by whoever gets to them first.
 */
public final class Revocation {

    private final CountDownLatch revoked = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Runnable> actions = new ArrayDeque<>();
    private final Set<Thread> running = new HashSet<>();

    /** Returns whether the grant is revoked. */
    public boolean isRevoked() {
        return revoked.getCount() == 0;
    }

    /** Has an action run once on revocation; at once, on the calling thread, if that has been already. */
    public void onRevoked(Runnable action) {
        lock.lock();
        try {
            if (!isRevoked()) {
                actions.add(action);
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    /** Sets the flag and wakes whoever waits for it. Returns whether actions are left to be run. */
    public boolean mark() {
        lock.lock();
        try {
            revoked.countDown();
            return !actions.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether no action is left and none is running. */
    public boolean isQuiet() {
        lock.lock();
        try {
            return actions.isEmpty() && running.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sets the flag, runs the actions that nobody else has begun, and waits for those that others run.
     *
     * @param trouble told of what actions throw
     * @return whether all actions have ended by the deadline
     * @throws InterruptedException if the thread is interrupted while it waits for others
     */
    public boolean run(Consumer<Throwable> trouble, Deadline deadline) throws InterruptedException {
        mark();
        for (Runnable next = begin(); next != null; next = begin()) {
            try {
                next.run();
            } catch (Throwable failure) { // foreign code: whatever it throws must not keep the other actions from running
                trouble.accept(failure);
            } finally {
                end();
            }
        }
        return awaitOthers(deadline);
    }

    /** Waits until the grant is revoked, but no longer than this. Returns whether it is. */
    public boolean await(long nanos) throws InterruptedException {
        return revoked.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** Interrupts the threads that still run actions. Returns them, with where they are. */
    public List<Leak> interruptActions() {
        lock.lock(); // so that nobody is interrupted who has just ended his action
        try {
            List<Leak> open = running.stream()
                    .map(thread -> new Leak(thread.getName(), Leak.text(thread.getStackTrace())))
                    .toList();
            running.forEach(Thread::interrupt);
            return open;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Runnable begin() {
        lock.lock();
        try {
            Runnable next = actions.poll();
            if (next != null) {
                running.add(Thread.currentThread());
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            running.remove(Thread.currentThread());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean awaitOthers(Deadline deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!running.isEmpty()) {
                if (changed.awaitNanos(deadline.remainingNanos()) <= 0) {
                    return running.isEmpty();
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
