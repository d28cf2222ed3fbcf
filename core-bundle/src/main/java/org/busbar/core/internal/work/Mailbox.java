package org.busbar.core.internal.work;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker with a thread of its own. A platform thread, so that drivers that spin on the carriers of virtual threads
 * cannot keep it from running.
 */
public final class Mailbox implements Worker {

    private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition posted = lock.newCondition();
    private ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private boolean stopping;
    private final Thread thread;

    /** Creates a worker and starts its thread. */
    public Mailbox(String threadName) {
        thread = Thread.ofPlatform().name(threadName).daemon().unstarted(this::run);
        thread.setContextClassLoader(null);
        thread.start();
    }

    @Override
    public boolean post(Runnable message) {
        lock.lock();
        try {
            if (!stopping) {
                queue.add(message);
                posted.signal();
            }
            return !stopping;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isCurrent() {
        return Thread.currentThread().equals(thread);
    }

    @Override
    public void stop() {
        lock.lock();
        try {
            stopping = true;
            posted.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        ArrayDeque<Runnable> batch = new ArrayDeque<>();
        do {
            batch = next(batch);
            for (Runnable message = batch.poll(); message != null; message = batch.poll()) {
                try {
                    message.run();
                } catch (Throwable failure) { // a defect in one message must not stop the bus
                    LOG.error("{} failed on a message and goes on with the next", thread.getName(), failure);
                }
            }
        } while (!isDone());
    }

    /** Swaps the queue for an empty one, so that the lock is taken once per batch. Waits until there is something. */
    private ArrayDeque<Runnable> next(ArrayDeque<Runnable> empty) {
        lock.lock();
        try {
            while (queue.isEmpty() && !stopping) {
                posted.awaitUninterruptibly();
            }
            ArrayDeque<Runnable> batch = queue;
            queue = empty;
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private boolean isDone() {
        lock.lock();
        try {
            return stopping && queue.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
