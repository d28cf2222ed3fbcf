package org.busbar.durable.internal;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.BlockVector;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A volume's queue on one of its paths: the path's own queue, which reaches the volume's memory. For one thread at a time.
 *
 * <p>A driver that throws what it should not is reported, and is gone as far as callers of this can tell.
 */
final class Attachment implements AutoCloseable {

    private static final AtomicLong LATEST = new AtomicLong();

    private final long number = LATEST.incrementAndGet();
    private final DurableVolume volume;
    private final Path path;
    private final BlockQueue queue;
    /** The queue, if its driver is called by a thread of its own. */
    private final @Nullable IsolatedQueue isolated;

    private final Pulse pulse = new Pulse();
    private final Pulse driverPulse;
    /** How many completions there can be to be taken. */
    private final int depth;

    private final Reporting reporting = new Reporting();
    /** How many were taken since all that there were had been. */
    private int takenSince;

    private final Set<QueueMemory.Buffer> mapped = new HashSet<>();
    private @Nullable BlockVector scratch;
    private int scratchPieces;

    private Attachment(DurableVolume volume, Path path, BlockQueue queue, int depth) {
        this.volume = volume;
        this.path = path;
        this.queue = queue;
        this.isolated = null;
        this.driverPulse = pulse;
        this.depth = depth;
    }

    /** Its driver is called by a thread of its own. */
    private Attachment(Attachment direct, QueueMemory memory, int depth) {
        this.volume = direct.volume;
        this.path = direct.path;
        this.mapped.addAll(direct.mapped);
        this.isolated = new IsolatedQueue(volume, direct, memory, depth);
        this.queue = isolated;
        this.driverPulse = direct.pulse;
        this.depth = depth;
    }

    /** Opens a queue on a path, and has the device reach the memory that there is. */
    static Attachment open(DurableVolume volume, Path path, QueueOptions options, QueueMemory memory)
            throws BlockIOException {
        BlockQueue queue;
        try {
            queue = path.device().openQueue(options);
        } catch (RuntimeException | Error e) {
            throw volume.thrownBy(path, "the opening of a queue", e);
        }
        Attachment made = new Attachment(volume, path, queue, options.depth());
        boolean done = false;
        try {
            made.map(memory);
            Attachment used = volume.isolates() ? new Attachment(made, memory, options.depth()) : made;
            done = true;
            return used;
        } finally {
            if (!done) {
                made.close();
            }
        }
    }

    /** Returns a number that no other has, above 0. */
    long number() {
        return number;
    }

    Path path() {
        return path;
    }

    /** The path's queue; who calls it looks after what it throws. */
    BlockQueue queue() {
        return queue;
    }

    /** Tells another thread how the owner's calls go. */
    Pulse pulse() {
        return pulse;
    }

    /** Tells another thread how the calls of the driver go: of the owner, or of the thread that calls the driver for it. */
    Pulse driverPulse() {
        return driverPulse;
    }

    /** Has the device reach what it does not reach yet. */
    void map(QueueMemory memory) throws BlockIOException {
        pulse.enter();
        try {
            for (QueueMemory.Buffer buffer : memory.buffers()) { // others may take some away meanwhile
                if (!mapped.contains(buffer)) {
                    map(buffer);
                    mapped.add(buffer);
                }
            }
        } catch (RuntimeException | Error e) {
            throw volume.thrownBy(path, "the mapping of memory", e);
        } finally {
            pulse.leave();
        }
    }

    private void map(QueueMemory.Buffer buffer) throws BlockIOException {
        if (isolated == null) {
            buffer.mapInto(queue);
        } else {
            isolated.map(buffer);
        }
    }

    /**
     * Prepares a request. Returns whether there was room.
     *
     * @throws DeviceGoneException if the device is gone. If {@link Path#isCondemned}, it may have the request nevertheless
     */
    boolean send(Requests requests, int slot) {
        pulse.enter();
        try {
            return requests.send(slot, this);
        } catch (RuntimeException | Error e) {
            throw volume.thrownBy(path, requests.describe(slot), e);
        } finally {
            pulse.leave();
        }
    }

    void submit() {
        pulse.enter();
        try {
            queue.submit();
        } catch (RuntimeException | Error e) {
            throw volume.thrownBy(path, "a submission", e);
        } finally {
            pulse.leave();
        }
    }

    /**
     * Takes completions.
     *
     * @param completion what it throws is not the driver's
     */
    void poll(Taker completion, int max) {
        int taken = 0;
        pulse.enter();
        try {
            taken = queue.poll(reporting.to(completion), max);
        } catch (RuntimeException | Error e) {
            if (completion.hasThrown(e)) {
                throw e;
            }
            throw volume.thrownBy(path, "a look for completions", e);
        } finally {
            pulse.leave();
        }
        takenSince += taken;
        if (taken < max || takenSince >= depth) { // what there was is reported before what has come since
            takenSince = 0;
            pulse.looked();
        }
    }

    /** Takes completions, and knows what its own user throws. */
    interface Taker extends BlockQueue.Completion {

        /** Returns whether it has thrown this itself. */
        boolean hasThrown(Throwable thrown);
    }

    /** Passes completions on. What their taker does meanwhile is no call of the driver, and may be one itself. */
    private final class Reporting implements BlockQueue.Completion {

        private BlockQueue.@Nullable Completion taker;

        private Reporting to(Taker completion) {
            taker = completion;
            return this;
        }

        @Override
        public void completed(long tag, BlockStatus status) {
            completed(tag, status, -1);
        }

        @Override
        public void completed(long tag, BlockStatus status, int deviceStatus) {
            BlockQueue.Completion now = taker;
            if (now == null) {
                return;
            }
            pulse.leave();
            try {
                now.completed(tag, status, deviceStatus);
            } finally {
                pulse.enter();
            }
        }
    }

    void await(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        pulse.enter();
        try {
            queue.await(deadline);
        } catch (DeviceTimeoutException e) {
            pulse.looked(); // otherwise there is something, and when that is taken is up to the application
            throw e;
        } catch (RuntimeException | Error e) {
            throw volume.thrownBy(path, "a wait for completions", e);
        } finally {
            pulse.leave();
        }
    }

    /**
     * Makes sure that vectors of so many pieces can be translated.
     *
     * @throws IllegalArgumentException if the device takes no such vectors
     */
    BlockVector vector(int pieces) {
        BlockVector made = scratch;
        if (made == null || scratchPieces < pieces) {
            made = queue.newVector(pieces);
            scratch = made;
            scratchPieces = pieces;
        }
        return made;
    }

    /** Returns the device's own form of a vector, until the next one is asked for. */
    BlockVector translate(VolumeVector vector) {
        BlockVector own = vector(Math.max(1, vector.count()));
        vector.into(own);
        return own;
    }

    @Override
    public void close() {
        try {
            queue.close();
        } catch (RuntimeException | Error e) {
            DeviceGoneException _ = volume.thrownBy(path, "the closing of a queue", e);
        }
    }
}
