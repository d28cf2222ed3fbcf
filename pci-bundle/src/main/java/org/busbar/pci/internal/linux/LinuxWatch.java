package org.busbar.pci.internal.linux;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.internal.sys.ErrnoException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that a look at the bus is worth while: by uevents where they are to be had, and by looking now and then in any
 * case, because events get lost. What an event says is not believed; it only makes the scanner look at the device that it
 * names, and look twice.
 */
final class LinuxWatch implements HostWatch {

    private static final Logger LOG = LoggerFactory.getLogger(LinuxWatch.class);
    private static final Duration BESIDE_UEVENTS = Duration.ofSeconds(10);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final HostListener listener;
    private final DeviceScanner scanner;
    private final Ejections ejections;
    private final Runnable whenClosed;
    private final ScheduledExecutorService poller;
    private final ReentrantLock pace = new ReentrantLock();
    // Both under the lock:
    private Duration pollInterval;
    private @Nullable Future<?> looks;
    /** Why there are no uevents; empty if there are. */
    private volatile String without = "";
    private volatile @Nullable Thread pollerThread;
    private volatile @Nullable UeventListener uevents;
    private volatile String how = "";
    private volatile boolean closed;

    private LinuxWatch(
            HostListener listener,
            DeviceScanner scanner,
            Ejections ejections,
            Duration pollInterval,
            Runnable whenClosed) {
        this.listener = listener;
        this.scanner = scanner;
        this.ejections = ejections;
        this.pollInterval = pollInterval;
        this.whenClosed = whenClosed;
        this.poller = Executors.newSingleThreadScheduledExecutor(this::pollerThread);
    }

    /**
     * Starts a watch.
     *
     * @param pollInterval how often to look where there are no uevents
     * @param whenClosed run once the watch is closed
     */
    static LinuxWatch start(
            Sysfs sysfs,
            HostListener listener,
            DeviceScanner scanner,
            Ejections ejections,
            Duration pollInterval,
            Runnable whenClosed) {
        LinuxWatch watch = new LinuxWatch(listener, scanner, ejections, pollInterval, whenClosed);
        String reason = reasonAgainstUevents(sysfs);
        return reason.isEmpty() ? watch.begin(UeventListener::start) : watch.begin(reason);
    }

    /** Starts a watch of uevents that come from somewhere. */
    static LinuxWatch start(Uevents from, HostListener listener, DeviceScanner scanner, Duration pollInterval) {
        return new LinuxWatch(listener, scanner, new Ejections(address -> false), pollInterval, () -> {}).begin(from);
    }

    /** Starts to listen to uevents. */
    @FunctionalInterface
    interface Uevents {
        UeventListener listen(UeventListener.Sink sink) throws ErrnoException;
    }

    private LinuxWatch begin(Uevents from) {
        try {
            uevents = from.listen(new Events()); // which may fail from now on
        } catch (ErrnoException e) {
            without = "no uevents: " + e.getMessage();
        }
        pollEvery(pollInterval);
        return this;
    }

    private LinuxWatch begin(String reasonAgainstUevents) {
        without = reasonAgainstUevents;
        pollEvery(pollInterval);
        return this;
    }

    private Thread pollerThread(Runnable task) {
        Thread thread = Thread.ofPlatform().daemon().name("busbar-poll").unstarted(task);
        pollerThread = thread;
        return thread;
    }

    /** Returns why uevents are of no use, or an empty text. */
    private static String reasonAgainstUevents(Sysfs sysfs) {
        if (!sysfs.isLive()) {
            return sysfs.root() + " is not the running kernel's sysfs";
        }
        // The kernel sends uevents only to network namespaces of the first user namespace.
        String users = Sysfs.text(Path.of("/proc/self/uid_map")).orElse("");
        return users.isEmpty() || users.matches("0\\s+0\\s+4294967295") ? "" : "a user namespace gets no uevents";
    }

    /** Changes how often to look where there are no uevents. */
    void pollEvery(Duration interval) {
        pace.lock();
        try {
            pollInterval = interval;
            lookEvery(without.isEmpty() ? BESIDE_UEVENTS : interval, Duration.ZERO);
        } finally {
            pace.unlock();
        }
    }

    /** @param sooner how much sooner than after an interval the first look comes */
    private void lookEvery(Duration interval, Duration sooner) {
        if (closed) {
            return;
        }
        if (looks != null) {
            looks.cancel(false);
        }
        how = without.isEmpty()
                ? "uevents, and a look every " + text(interval)
                : "a look every " + text(interval) + " (" + without + ")";
        looks = poller.scheduleWithFixedDelay(
                this::look, interval.minus(sooner).toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static String text(Duration interval) {
        return interval.toMillis() % 1000 == 0 ? interval.toSeconds() + " s" : interval.toMillis() + " ms";
    }

    private void look() {
        try {
            changed();
        } catch (RuntimeException e) {
            // Thrown by the listener: it must not end the polling.
            LOG.error("What was to be told of a change failed", e);
        }
    }

    private void changed() {
        if (!closed) {
            listener.changed();
        }
    }

    /** What uevents lead to. */
    private final class Events implements UeventListener.Sink {

        @Override
        public void event(String action, long key) {
            try {
                take(action, key);
            } catch (RuntimeException e) {
                // Thrown by the listener: it must not end the listening.
                LOG.error("What was to be told of a uevent failed", e);
            }
        }

        private void take(String action, long key) {
            switch (action) {
                case "add", "remove" -> {
                    if (key == AddressText.NONE) {
                        changed();
                    } else if (!closed) {
                        ejections.gone(AddressText.address(key));
                        scanner.suspect(key);
                        listener.changed(AddressText.address(key));
                    }
                }
                case "bind", "unbind", "change" -> {
                    if (key != AddressText.NONE && !closed) {
                        availability(action, AddressText.address(key));
                    }
                }
                default -> changed();
            }
        }

        private void availability(String action, PciAddress address) {
            switch (action) {
                case "unbind" -> ejections.unbound(address);
                case "bind" -> ejections.bound(address);
                default -> {}
            }
            listener.availabilityChanged(address);
        }

        @Override
        public void overflow() {
            LOG.info("Uevents were lost, because they came too fast; looking at the whole bus");
            look();
        }

        @Override
        public void failed(String why) {
            pace.lock();
            try {
                if (!closed) {
                    LOG.warn("No more uevents ({}); looking every {} instead", why, text(pollInterval));
                    without = "uevents failed: " + why;
                    lookEvery(pollInterval, pollInterval);
                }
            } finally {
                pace.unlock();
            }
        }
    }

    @Override
    public String how() {
        return how;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        pace.lock();
        try {
            closed = true; // under the lock, so that nothing is scheduled after it
        } finally {
            pace.unlock();
        }
        UeventListener listening = uevents;
        if (listening != null) {
            listening.close();
        }
        poller.shutdownNow();
        Thread polling = pollerThread;
        if (polling != null && !polling.equals(Thread.currentThread()) && !Joiner.join(polling, CLOSE_TIMEOUT)) {
            LOG.warn("The poller did not end within {} s", CLOSE_TIMEOUT.toSeconds());
        }
        whenClosed.run();
    }
}
