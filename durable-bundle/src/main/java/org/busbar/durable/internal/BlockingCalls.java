package org.busbar.durable.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockStatus;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.jspecify.annotations.Nullable;

/**
 * Calls that block, on whichever path there is. One whose path goes is made again on the next, once the path before is over
 * and if it may be. Thread-safe.
 */
final class BlockingCalls {

    private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(100);

    /** What is called. */
    @FunctionalInterface
    interface Call {
        void on(BlockDevice device) throws IOException, InterruptedException;
    }

    private final DurableVolume volume;
    private final Durability.Ledger ledger;
    private final Set<Ongoing> ongoings = ConcurrentHashMap.newKeySet();

    BlockingCalls(DurableVolume volume) {
        this.volume = volume;
        this.ledger = volume.durability().open();
    }

    /** Changes what is stored. */
    void write(RequestOptions options, Deadline deadline, Call call, ByteBuffer... buffers)
            throws IOException, InterruptedException {
        run("write", deadline, device -> noted(options, device, call), buffers);
    }

    private void noted(RequestOptions options, BlockDevice device, Call call) throws IOException, InterruptedException {
        ledger.enter();
        try {
            call.on(device);
            if (!options.forceUnitAccess() && volume.isCached()) {
                ledger.written();
            }
        } finally {
            ledger.leave();
        }
    }

    void flush(Deadline deadline) throws IOException, InterruptedException {
        long number = volume.durability().flushing();
        run("flush", deadline, device -> {
            if (ledger.breaks(number)) {
                ledger.told();
                throw new BlockIOException(
                        BlockStatus.WRITES_LOST, -1, volume.name() + ": " + BlockStatus.WRITES_LOST.text());
            }
            device.flush(deadline);
        });
        volume.durability().flushed(number);
    }

    /** Does what must not be done twice. */
    void once(String what, Deadline deadline, Call call) throws IOException, InterruptedException {
        Path path = await(null, deadline);
        try {
            on(path, what, deadline, device -> noted(RequestOptions.NONE, device, call));
        } catch (DeviceGoneException e) {
            volume.gone(path);
            volume.statisticsNow().abandonedOne();
            throw new BlockIOException(BlockStatus.ABORTED, -1, volume.name() + " went away during a " + what
                    + "; it may have been done in part, and is not repeated, since that might do harm");
        } finally {
            volume.statisticsNow().ended(1);
        }
    }

    /** Does something that may be done again. */
    void run(String what, Deadline deadline, Call call, ByteBuffer... buffers)
            throws IOException, InterruptedException {
        int[] positions = new int[buffers.length];
        for (int i = 0; i < buffers.length; i++) {
            positions[i] = buffers[i].position();
        }
        Path before = null;
        try {
            while (true) {
                Path path = await(before, deadline);
                try {
                    on(path, what, deadline, call);
                    return;
                } catch (DeviceGoneException e) {
                    volume.gone(path);
                } catch (BlockIOException e) {
                    if (e.status() != BlockStatus.GONE) {
                        throw e;
                    }
                    volume.gone(path);
                }
                before = path;
                volume.statisticsNow().reissued();
                for (int i = 0; i < buffers.length; i++) {
                    buffers[i].position(positions[i]);
                }
                requireTime(what, deadline);
            }
        } finally {
            volume.statisticsNow().ended(1);
        }
    }

    /** Calls a driver, watched. One that is broken is reported, and gone as far as the caller can tell. */
    private void on(Path path, String what, Deadline deadline, Call call) throws IOException, InterruptedException {
        Ongoing ongoing = new Ongoing(path, what, deadline, Thread.currentThread());
        ongoings.add(ongoing);
        volume.calling();
        try {
            call.on(path.device());
        } catch (RuntimeException | Error e) {
            throw volume.thrownBy(path, "a " + what, e);
        } finally {
            ongoings.remove(ongoing);
        }
    }

    /** Whether a driver is being called. */
    boolean isBusy() {
        return !ongoings.isEmpty();
    }

    /** Looks for calls that have missed their deadlines by far. On the volumes' thread. */
    void watch(long interval, long patience) {
        for (Ongoing call : ongoings) {
            call.late += call.deadline.expired() ? interval : 0;
            if (call.late > patience) {
                StackTraceElement[] stack = call.caller.getStackTrace();
                volume.fault(call.path, "a " + call.what + " has not returned for " + QueueWatch.words(call.late)
                        + " after its deadline" + (stack.length == 0 ? "" : ", it is at " + stack[0]));
            }
        }
    }

    /** A call of a driver. */
    private static final class Ongoing {
        private final Path path;
        private final String what;
        private final Deadline deadline;
        private final Thread caller;
        /** For the volumes' thread. */
        private long late;

        private Ongoing(Path path, String what, Deadline deadline, Thread caller) {
            this.path = path;
            this.what = what;
            this.deadline = deadline;
            this.caller = caller;
        }
    }

    /** Waits for a path, and for the one before to be over. */
    private Path await(@Nullable Path before, Deadline deadline) throws BlockIOException, InterruptedException {
        Path path = volume.active();
        if (before == null && path != null) {
            return path;
        }
        long start = volume.nanoTime();
        volume.enter();
        try {
            long seen = volume.changes().count();
            path = volume.active();
            while (path == null || (before != null && !before.isOver())) {
                if (volume.hasFailed() || volume.nanoTime() - start > volume.holdNanos()) {
                    volume.statisticsNow().abandonedOne();
                    throw volume.failure();
                }
                requireTime("request", deadline);
                volume.changes().await(seen, Math.min(deadline.remainingNanos(), LONGEST_WAIT));
                seen = volume.changes().count();
                path = volume.active();
            }
        } finally {
            volume.leave();
        }
        volume.statisticsNow().paused(volume.nanoTime() - start);
        return path;
    }

    private void requireTime(String what, Deadline deadline) throws BlockIOException {
        if (deadline.expired()) {
            throw new BlockIOException(BlockStatus.TIMED_OUT, -1, "the " + what + " was not done in time; "
                    + volume.name() + " was away, and it may have taken effect before");
        }
    }
}
