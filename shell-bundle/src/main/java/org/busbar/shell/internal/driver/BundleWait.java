package org.busbar.shell.internal.driver;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.SynchronousBundleListener;

/** Waits for something that comes with events of bundles or services. */
final class BundleWait implements SynchronousBundleListener, ServiceListener, AutoCloseable {

    private final BundleContext context;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition happened = lock.newCondition();
    private long events;

    BundleWait(BundleContext context) {
        this.context = context;
        context.addBundleListener(this);
        context.addServiceListener(this);
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        tell();
    }

    @Override
    public void serviceChanged(ServiceEvent event) {
        tell();
    }

    private void tell() {
        lock.lock();
        try {
            events++;
            happened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether a condition comes to hold in time; it is looked at with no lock held. */
    boolean until(BooleanSupplier condition, Deadline deadline) throws InterruptedException {
        while (true) {
            long seen = events();
            if (condition.getAsBoolean()) {
                return true;
            }
            lock.lock();
            try {
                while (events == seen) {
                    long left = deadline.remainingNanos();
                    if (left <= 0) {
                        return false;
                    }
                    var _ = happened.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private long events() {
        lock.lock();
        try {
            return events;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        context.removeBundleListener(this);
        context.removeServiceListener(this);
    }
}
