package org.busbar.shell.internal.driver;

import java.util.concurrent.TimeUnit;
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

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

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

    /**
     * Returns whether a condition comes to hold in time; it is looked at with no lock held. Also now and then without an event: of
     * one and the same event others may be told later than this.
     */
    boolean until(BooleanSupplier condition, Deadline deadline) throws InterruptedException {
        while (true) {
            long seen = events();
            if (condition.getAsBoolean()) {
                return true;
            }
            lock.lock();
            try {
                long left = deadline.remainingNanos();
                if (left <= 0) {
                    return false;
                }
                if (events == seen) {
                    var _ = happened.awaitNanos(Math.min(left, LOOK_NANOS));
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
