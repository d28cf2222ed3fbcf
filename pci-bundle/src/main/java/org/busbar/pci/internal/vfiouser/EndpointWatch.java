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
    private volatile List<Path> directories = List.of();
    private volatile @Nullable WatchService notifications;
    private volatile String how = "a look every " + LOOK.toSeconds() + " s";
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
        directories = watched;
        try {
            notifications = FileSystems.getDefault().newWatchService();
            how = "inotify, sockets, and a look every " + LOOK.toSeconds() + " s";
        } catch (IOException e) {
            how = "a look every " + LOOK.toSeconds() + " s (no inotify: " + e.getMessage() + ")";
        }
        thread.start();
    }

    /** Exchanges what is watched, from the next look on. */
    void directories(List<Path> watched) {
        directories = watched;
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
        WatchService service = notifications;
        if (service == null) {
            return; // then rescans find what has changed
        }
        Map<Path, WatchKey> keys = new HashMap<>();
        try {
            while (!closed) {
                register(service, keys);
                lookOnce();
                WatchKey key = service.poll(LOOK.toNanos(), TimeUnit.NANOSECONDS);
                while (key != null) {
                    key.pollEvents(); // those that stay make the key come back at once
                    if (!key.reset()) {
                        keys.values().remove(key);
                    }
                    key = service.poll();
                }
            }
        } catch (ClosedWatchServiceException | InterruptedException e) {
            LOG.debug("the watch of endpoints has ended", e);
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
    private void register(WatchService service, Map<Path, WatchKey> keys) {
        for (Path directory : directories) {
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
        return how;
    }

    @Override
    public void close() {
        closed = true;
        WatchService service = notifications;
        if (service != null) {
            try {
                service.close();
            } catch (IOException e) {
                LOG.debug("the watch of endpoints cannot be closed", e);
            }
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
