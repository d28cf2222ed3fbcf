package org.busbar.core.internal.scope;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.core.internal.work.Forgetful;
import org.busbar.device.Deadline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The executor of a binding: a virtual thread per task, all of them known, so that none outlives the binding unseen. */
final class BindingThreads implements Executor {

    private static final Logger LOG = LoggerFactory.getLogger(BindingThreads.class);

    private final String prefix;
    private final long driver;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Thread> threads = new LinkedHashSet<>();
    private long started;
    private boolean closed;

    BindingThreads(String prefix, long driver) {
        this.prefix = prefix;
        this.driver = driver;
    }

    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            if (closed) {
                throw new RejectedExecutionException("the binding ends; " + prefix + " starts no more tasks");
            }
            Thread thread = Thread.ofVirtual()
                    .name(prefix + "-" + ++started)
                    .inheritInheritableThreadLocals(false)
                    .unstarted(new Forgetful(() -> DriverCode.run(driver, () -> run(task))));
            threads.add(thread);
            thread.start(); // under the lock, so that whoever closes sees started threads only
        } finally {
            lock.unlock();
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) { // a task's failure is its driver's affair: report it and let the thread end
            LOG.warn("a task of {} failed", Thread.currentThread().getName(), failure);
        } finally {
            lock.lock();
            try {
                threads.remove(Thread.currentThread());
            } finally {
                lock.unlock();
            }
        }
    }

    /** Interrupts all threads and waits for them. Returns those that are still there when the deadline passes. */
    List<Leak> close(Deadline deadline) throws InterruptedException {
        List<Thread> open;
        lock.lock();
        try {
            closed = true;
            open = new ArrayList<>(threads);
        } finally {
            lock.unlock();
        }
        open.forEach(Thread::interrupt);
        List<Leak> leaks = new ArrayList<>();
        for (Thread thread : open) {
            if (!thread.equals(Thread.currentThread()) && !thread.join(deadline.remaining())) {
                leaks.add(new Leak(thread.getName(), Leak.text(thread.getStackTrace())));
            }
        }
        return leaks;
    }
}
