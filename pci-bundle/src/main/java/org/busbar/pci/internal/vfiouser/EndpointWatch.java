package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.internal.Daemons;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that endpoints come and go: by the file system's notifications, and by a look now and then in any case, because a
 * directory may not be there yet. What a notification says is not believed: it makes the host look. That devices come and go
 * the host hears from its keepers.
 */
final class EndpointWatch implements HostWatch {

    private static final Logger LOG = LoggerFactory.getLogger(EndpointWatch.class);
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final HostListener listener;
    private final Runnable look;
    private final Consumer<EndpointWatch> whenClosed;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition exchanged = lock.newCondition();
    // Guarded by lock.
    private List<Path> directories = List.of();
    private @Nullable WatchService notifications;
    private boolean unnotified;

    private volatile boolean closed;

    /**
     * @param look looks for endpoints
     * @param whenClosed told once this is closed
     */
    EndpointWatch(HostListener listener, Runnable look, Consumer<EndpointWatch> whenClosed) {
        this.listener = listener;
        this.look = look;
        this.whenClosed = whenClosed;
        thread = Daemons.unstarted("busbar vfio-user watch", this::run);
    }

    void start(List<Path> watched) {
        directories(watched);
        thread.start();
    }

    /** Exchanges what is watched. Nothing costs nothing. */
    void directories(List<Path> watched) {
        lock.lock();
        try {
            directories = watched;
            exchanged.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Something may have changed, somewhere. */
    void changed() {
        if (!closed) {
            listener.changed();
        }
    }

    /** A device has come or gone. */
    void changed(PciAddress address) {
        if (!closed) {
            listener.changed(address);
        }
    }

    private void run() {
        Map<Path, WatchKey> keys = new HashMap<>();
        try {
            for (List<Path> watched = next(); !watched.isEmpty(); watched = next()) {
                WatchService service = service();
                if (service != null) {
                    register(service, keys, watched);
                }
                lookOnce();
                await(service, keys);
            }
        } catch (ClosedWatchServiceException | InterruptedException e) {
            LOG.debug("the watch of endpoints has ended", e);
        }
    }

    /** Waits until there are directories, and returns them; returns none when this is closed. */
    private List<Path> next() throws InterruptedException {
        lock.lock();
        try {
            while (directories.isEmpty() && !closed) {
                exchanged.await();
            }
            return closed ? List.of() : directories;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable WatchService service() {
        lock.lock();
        try {
            if (notifications == null && !unnotified && !closed) {
                notifications = FileSystems.getDefault().newWatchService();
            }
            return notifications;
        } catch (IOException e) {
            unnotified = true;
            LOG.warn("New endpoints are noticed within {} s only, not at once: {}", LOOK.toSeconds(), e.getMessage());
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void await(@Nullable WatchService service, Map<Path, WatchKey> keys) throws InterruptedException {
        if (service == null) {
            lock.lock();
            try {
                long left = LOOK.toNanos();
                while (!closed && left > 0) {
                    left = exchanged.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
            return;
        }
        WatchKey key = service.poll(LOOK.toNanos(), TimeUnit.NANOSECONDS);
        while (key != null) {
            key.pollEvents(); // those that stay make the key come back at once
            if (!key.reset()) {
                keys.values().remove(key);
            }
            key = service.poll();
        }
    }

    private void lookOnce() {
        try {
            look.run();
        } catch (RuntimeException e) {
            // It must not end the watch.
            LOG.error("A look for endpoints has failed", e);
        }
    }

    /** Watches the directories, and those in them, in which sockets appear. */
    private void register(WatchService service, Map<Path, WatchKey> keys, List<Path> watched) {
        for (Path directory : watched) {
            if (!Files.isDirectory(directory)) {
                continue;
            }
            register(service, keys, directory);
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, Files::isDirectory)) {
                entries.forEach(entry -> register(service, keys, entry));
            } catch (IOException e) {
                LOG.debug("{} cannot be listed", directory, e);
            }
        }
    }

    private static void register(WatchService service, Map<Path, WatchKey> keys, Path directory) {
        WatchKey known = keys.get(directory);
        if (known != null && known.isValid()) {
            return;
        }
        try {
            keys.put(directory, directory.register(
                    service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE));
        } catch (IOException e) {
            LOG.debug("{} cannot be watched", directory, e);
        }
    }

    @Override
    public String how() {
        return "inotify, in the directories of org.busbar.pci.vfiouser.cfg";
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            exchanged.signalAll();
            if (notifications != null) {
                notifications.close();
            }
        } catch (IOException e) {
            LOG.debug("the watch of endpoints cannot be closed", e);
        } finally {
            lock.unlock();
        }
        try {
            if (!thread.equals(Thread.currentThread()) && !thread.join(CLOSE)) {
                LOG.warn("The watch of endpoints did not end within {} s", CLOSE.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        whenClosed.accept(this);
    }
}
