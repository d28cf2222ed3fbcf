package org.busbar.durable.internal;

import java.util.concurrent.atomic.AtomicReference;
import org.busbar.block.BlockIOException;
import org.busbar.block.QueueOptions;
import org.busbar.device.DeviceGoneException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a queue of its own on the volume's path ready for a queue of the volume: opened by another thread, since that takes
 * the device's time, and taken by the owner when he has done with the path before. Level-triggered: whoever changes anything
 * calls {@link #look}, and the last look sees it all. Thread-safe.
 */
final class Attaching {

    private static final Logger LOG = LoggerFactory.getLogger(Attaching.class);
    private static final long RETRY_MILLIS = 100;

    /** A queue is being opened on a path. */
    private static final class Opening {
        private final Path path;
        /** For how long it has been watched; for the volumes' thread. */
        private long watched;

        private Opening(Path path) {
            this.path = path;
        }
    }

    private final DurableVolume volume;
    private final QueueOptions options;
    private final QueueMemory memory;
    private final Runnable ready;
    private final AtomicReference<@Nullable Attachment> offered = new AtomicReference<>();
    /** The path on which a queue is being opened; one that goes does not hold up the next. */
    private final AtomicReference<@Nullable Opening> opening = new AtomicReference<>();
    /** The path that the owner has an attachment to, or that is offered to him. */
    private volatile @Nullable Path latest;
    private volatile @Nullable Path refusing;
    private volatile boolean closed;

    /** @param ready called when something is there to be taken */
    Attaching(DurableVolume volume, QueueOptions options, QueueMemory memory, Runnable ready) {
        this.volume = volume;
        this.options = options;
        this.memory = memory;
        this.ready = ready;
    }

    /** The owner opens an attachment himself. */
    void opens(Path path) {
        opening.set(new Opening(path));
    }

    /** The owner has tried to open an attachment himself. */
    void opened(Path path, boolean well) {
        Opening under = opening.get();
        if (under != null && under.path == path) { // or its path has gone, and another one's turn has come
            opening.compareAndSet(under, null);
        }
        if (well) {
            latest = path;
        }
    }

    /** Returns what is ready and of use, or null. For the owner. */
    @Nullable
    Attachment take() {
        Attachment next = offered.getAndSet(null);
        if (next == null || !next.path().isLeaving()) {
            return next;
        }
        discard(next);
        look();
        return null;
    }

    /** What was taken is of no use; another one is wanted, of the same path if that stays. */
    void again(Attachment useless) {
        discard(useless);
        latest = null;
        volume.later(this::look, RETRY_MILLIS);
    }

    /** Opens an attachment to the path that is to be used now, unless the owner has one. */
    void look() {
        Path wanted = volume.active();
        Opening under = opening.get();
        boolean begun = under != null && !under.path.isLeaving();
        if (closed || wanted == null || wanted == latest || begun) {
            return;
        }
        Opening now = new Opening(wanted);
        if (!opening.compareAndSet(under, now)) {
            return;
        }
        volume.executor().execute(() -> {
            boolean done = false;
            try {
                done = open(wanted);
            } finally {
                opening.compareAndSet(now, null);
            }
            if (done || volume.active() != wanted) {
                look();
            } else {
                volume.later(this::look, RETRY_MILLIS);
            }
        });
    }

    /** Looks whether a driver takes too long to open a queue. */
    void watch(long interval, long patience) {
        Opening under = opening.get();
        if (under != null) {
            under.watched += interval;
            if (under.watched > patience && !under.path.isLeaving()) {
                volume.fault(
                        under.path, "the opening of a queue has not ended for " + QueueWatch.words(under.watched));
            }
        }
    }

    private boolean open(Path path) {
        try {
            Attachment made = Attachment.open(volume, path, options, memory);
            if (path.isLeaving()) {
                made.close(); // it has taken so long that another path may be in use
                return true;
            }
            latest = path;
            Attachment unused = offered.getAndSet(made);
            if (unused != null) {
                discard(unused);
            }
            if (closed) {
                close();
            }
            ready.run();
            return true;
        } catch (DeviceGoneException e) {
            LOG.debug("{} went while a queue was opened on it", path, e);
        } catch (BlockIOException | RuntimeException e) { // a driver's: whatever it throws, it is tried again
            if (!path.equals(refusing)) {
                refusing = path;
                LOG.warn("{}: no queue on {}, to be tried again: {}", volume.name(), path, String.valueOf(e));
            }
        }
        return false;
    }

    /** Closes an attachment, which may wait for its device. */
    void discard(Attachment attachment) {
        volume.executor().execute(attachment::close);
    }

    void close() {
        closed = true;
        Attachment unused = offered.getAndSet(null);
        if (unused != null) {
            discard(unused);
        }
    }
}
