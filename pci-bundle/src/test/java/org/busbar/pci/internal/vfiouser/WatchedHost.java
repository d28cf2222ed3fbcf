package org.busbar.pci.internal.vfiouser;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.busbar.device.Deadline;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;

/** A vfio-user host that is scanned whenever it says that something has changed, as the bus does. */
final class WatchedHost implements HostListener, AutoCloseable {

    private static final long PATIENCE_MILLIS = 60_000;

    final VfioUserHost host;
    private final HostWatch watch;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private long changes;

    WatchedHost(Path directory, long patienceMillis) {
        host = new VfioUserHost(
                new VfioUserSettings(List.of(directory), patienceMillis), OwnDirectories.ofThisUser());
        watch = host.watch(this);
    }

    @Override
    public void changed() {
        lock.lock();
        try {
            changes++;
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void availabilityChanged(PciAddress address) {
        changed();
    }

    /** Waits until a scan says something; returns that scan. */
    HostSnapshot until(String what, Predicate<HostSnapshot> condition) throws InterruptedException {
        Deadline deadline = Deadline.afterMillis(PATIENCE_MILLIS);
        while (true) {
            long seen = changes();
            HostSnapshot snapshot = host.scan(null);
            if (condition.test(snapshot)) {
                return snapshot;
            }
            if (!awaitNews(seen, deadline)) {
                throw new AssertionError("not " + what + " in time: " + snapshot.functions() + " "
                        + snapshot.problems());
            }
        }
    }

    UserFunction function() throws InterruptedException {
        return (UserFunction) until("there", snapshot -> snapshot.functions().size() == 1).functions().getFirst();
    }

    private long changes() {
        lock.lock();
        try {
            return changes;
        } finally {
            lock.unlock();
        }
    }

    private boolean awaitNews(long seen, Deadline deadline) throws InterruptedException {
        lock.lock();
        try {
            while (changes == seen) {
                if (!news.await(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        watch.close();
        host.stop();
    }
}
