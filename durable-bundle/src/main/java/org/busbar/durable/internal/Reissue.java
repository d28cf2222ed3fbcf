package org.busbar.durable.internal;

import org.busbar.block.BlockFeature;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.durable.internal.Requests.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Carries a queue's requests over from path to path. For one thread at a time, the queue's owner, but for what says
 * otherwise.
 *
 * <p>When a path is leaving nothing new is given to it. When all that it had has ended the next path is taken. What ended with
 * GONE is given to that one in the order of its submission, before anything new, and only when the path before is over: until
 * then its device may still carry it out, or fill its memory.
 */
final class Reissue {

    /** A request that as many paths did not survive is taken for the reason. */
    private static final int MOST_LOSSES = 8;

    private final DurableVolume volume;
    private final Requests requests;
    private final QueueMemory memory;
    private final QueueOptions options;
    private final Attaching attaching;
    private final Durability.Ledger ledger;
    private final Changes changed = new Changes();
    private final BlockQueue.Completion taken = new Taken();
    private final boolean cached;

    private @Nullable Attachment attachment;
    private BlockQueue.@Nullable Completion caller;
    /** The path whose end has to be awaited before requests are given to another. */
    private @Nullable Path lost;
    private int sent;
    private int writing;
    private int waiting;
    private int ending;
    private long pausedSince;
    private long endedCount;
    private int reported;
    private boolean polling;
    /** A device may still use this queue's memory for requests that were given up: nobody else may, ever. */
    private boolean broken;
    /** Volatile because some close a queue from another thread to end its owner's loop. */
    private volatile boolean closed;

    Reissue(DurableVolume volume, QueueOptions options, QueueMemory memory, Requests requests) {
        this.volume = volume;
        this.options = options;
        this.memory = memory;
        this.requests = requests;
        this.attaching = new Attaching(volume, options, memory, changed::signal);
        this.ledger = volume.durability().open();
        this.cached = volume.features().has(BlockFeature.VOLATILE_CACHE);
    }

    /** For the thread that opens the queue. */
    void open(Path path) throws BlockIOException {
        attachment = Attachment.open(path, options, memory);
        attaching.has(path);
    }

    /** The volume, or one of its paths, has changed. On any thread. */
    void look() {
        attaching.look();
        changed.signal();
    }

    /** On any thread. */
    long ended() {
        return endedCount;
    }

    /** Has the device reach memory that was allocated just now. */
    void mapNew() throws BlockIOException {
        requireOpen();
        Attachment now = attachment;
        if (now != null && !now.path().isLeaving()) {
            try {
                now.map(memory);
            } catch (DeviceGoneException e) {
                volume.gone(now.path()); // the next path is told of all memory
            }
        }
    }

    void requireVectors(int pieces) {
        requireOpen();
        Attachment now = attachment;
        if (now != null && !now.path().isLeaving()) {
            now.vector(pieces);
        }
    }

    /** Whether new requests are taken now, or may be with the next try. */
    boolean isReady() {
        requireOpen();
        requireUnbroken();
        Attachment now = attachment;
        if (now != null && waiting == 0 && !now.path().isLeaving()) {
            return true;
        }
        if (!polling && goOn()) {
            return true;
        }
        if (attachment == null && isTooLate()) {
            throw volume.failure();
        }
        pause();
        return false;
    }

    /** Gives a new request to the path. Returns whether it took it; if not, the slot is free again. */
    boolean begin(int slot) {
        Attachment to = attachment;
        boolean begun = false;
        try {
            if (requests.kind(slot) == Kind.FLUSH && !flush(slot)) {
                begun = true;
            } else if (to != null && requests.send(slot, to)) {
                sent++;
                writing += requests.kind(slot).writes() ? 1 : 0;
                begun = true;
            }
        } catch (DeviceGoneException e) {
            if (to != null) {
                volume.gone(to.path());
            }
            pause();
        } finally {
            if (!begun) {
                requests.give(slot);
            }
        }
        return begun;
    }

    /** Numbers a flush. Returns false if it ends without being given to the device, because of what was lost before. */
    private boolean flush(int slot) {
        long number = volume.durability().flushing();
        requests.flush(slot, number);
        if (ledger.breaks(number)) {
            end(slot, BlockStatus.WRITES_LOST);
            return false;
        }
        return true;
    }

    void submit() {
        requireOpen();
        Attachment now = attachment;
        if (now != null) {
            now.queue().submit();
        }
    }

    int poll(BlockQueue.Completion completion, int max) {
        requireOpen();
        reported = 0;
        caller = completion;
        Attachment now = attachment;
        if (now != null && max > 0) {
            pollPath(now, max);
        }
        if (reported < max && isTroubled()) {
            boolean _ = goOn();
            reportEnding(max);
        }
        return reported;
    }

    private void pollPath(Attachment now, int max) {
        boolean noted = writing > 0 && cached;
        polling = true;
        if (noted) {
            ledger.enter();
        }
        try {
            int _ = now.queue().poll(taken, max);
        } finally {
            polling = false;
            if (noted) {
                ledger.leave();
            }
        }
    }

    private boolean isTroubled() {
        Attachment now = attachment;
        return waiting > 0 || ending > 0 || now == null || now.path().isLeaving();
    }

    /** Takes the path's completions. */
    private final class Taken implements BlockQueue.Completion {

        @Override
        public void completed(long tag, BlockStatus status) {
            completed(tag, status, -1);
        }

        @Override
        public void completed(long tag, BlockStatus status, int deviceStatus) {
            int slot = requests.sent(tag);
            if (slot == Requests.NONE) {
                return; // nothing is in flight by this name: a driver that reports twice is not believed
            }
            sent--;
            if (status == BlockStatus.GONE) {
                lost(slot);
            } else {
                finish(slot, status, deviceStatus);
            }
        }
    }

    private void lost(int slot) {
        Attachment now = attachment;
        if (now != null) {
            volume.gone(now.path());
            lost = now.path();
        }
        writing -= requests.kind(slot).writes() ? 1 : 0;
        requests.park(slot);
        waiting++;
        pause();
    }

    private void finish(int slot, BlockStatus status, int deviceStatus) {
        Kind kind = requests.kind(slot);
        if (status == BlockStatus.OK) {
            if (kind == Kind.FLUSH) {
                volume.durability().flushed(requests.flush(slot));
            } else if (kind.writes() && cached && !requests.isDurable(slot)) {
                ledger.written();
            }
        }
        Attachment now = attachment;
        if (pausedSince != 0 && now != null && !now.path().isLeaving()) {
            goneOn();
        }
        writing -= kind.writes() ? 1 : 0;
        report(slot, status, deviceStatus);
    }

    private void report(int slot, BlockStatus status, int deviceStatus) {
        if (status == BlockStatus.WRITES_LOST) {
            ledger.told();
        }
        requests.give(slot);
        endedCount++;
        reported++;
        BlockQueue.Completion to = caller;
        if (to != null) {
            to.completed(requests.tag(slot), status, deviceStatus);
        }
    }

    private void end(int slot, BlockStatus status) {
        requests.ending(slot, status);
        ending++;
        if (status != BlockStatus.WRITES_LOST) {
            volume.statisticsNow().abandonedOne();
        }
    }

    private void reportEnding(int max) {
        for (int slot = 0; slot < requests.depth() && reported < max && ending > 0; slot++) {
            if (requests.isEnding(slot)) {
                ending--;
                report(slot, requests.end(slot), -1);
            }
        }
    }

    /** Does what can be done for requests to go on. Returns whether new ones may be given to the path. */
    private boolean goOn() {
        Attachment now = attachment;
        if (now != null && now.path().isLeaving() && sent == 0) {
            attachment = null;
            attaching.discard(now);
            attaching.look();
            now = null;
        }
        if (now == null) {
            now = isFenced() ? next() : null;
            if (now == null && waiting > 0 && isTooLate()) {
                giveUp();
            }
        }
        if (now == null || now.path().isLeaving()) {
            return false;
        }
        if (waiting > 0) {
            sendAgain(now);
        }
        return waiting == 0;
    }

    /** Whether nothing that was given to the path before can take effect any more, or nobody waits for that. */
    private boolean isFenced() {
        Path before = lost;
        return waiting == 0 || before == null || before.isOver();
    }

    private @Nullable Attachment next() {
        Attachment next = attaching.take();
        if (next == null) {
            return null;
        }
        try {
            next.map(memory); // what was allocated since it was made
        } catch (BlockIOException | DeviceGoneException e) {
            attaching.again(next);
            return null;
        }
        attachment = next;
        lost = null;
        if (waiting == 0) {
            goneOn();
        }
        return next;
    }

    /** The path before is over: what waits is sent, or ends if it must not be sent again. */
    private void sendAgain(Attachment to) {
        int count = requests.lineUp();
        try {
            for (int place = 0; place < count; place++) {
                int slot = requests.waiting(place);
                BlockStatus end = endInsteadOfReissue(slot);
                if (end != BlockStatus.OK) {
                    waiting--;
                    end(slot, end);
                } else if (requests.send(slot, to)) {
                    waiting--;
                    sent++;
                    writing += requests.kind(slot).writes() ? 1 : 0;
                    volume.statisticsNow().reissued();
                } else {
                    break;
                }
            }
            to.queue().submit();
        } catch (DeviceGoneException e) {
            volume.gone(to.path());
        }
    }

    private BlockStatus endInsteadOfReissue(int slot) {
        if (!requests.kind(slot).repeatable() || requests.losses(slot) >= MOST_LOSSES) {
            return BlockStatus.ABORTED;
        }
        return requests.kind(slot) == Kind.FLUSH && ledger.breaks(requests.flush(slot))
                ? BlockStatus.WRITES_LOST
                : BlockStatus.OK;
    }

    private boolean isTooLate() {
        return volume.hasFailed() || (pausedSince != 0 && volume.nanoTime() - pausedSince > volume.holdNanos());
    }

    private void giveUp() {
        Path before = lost;
        broken |= before != null && !before.isOver();
        int count = requests.lineUp();
        for (int place = 0; place < count; place++) {
            end(requests.waiting(place), BlockStatus.GONE);
        }
        waiting = 0;
        lost = null;
        pausedSince = 0; // a failure, not a pause
    }

    private void pause() {
        if (pausedSince == 0) {
            pausedSince = volume.nanoTime();
        }
    }

    private void goneOn() {
        if (pausedSince != 0) {
            volume.statisticsNow().paused(volume.nanoTime() - pausedSince);
            pausedSince = 0;
        }
    }

    void await(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        while (true) {
            requireOpen();
            long seen = changed.count();
            if (isTroubled()) {
                boolean _ = goOn();
            }
            Attachment now = attachment;
            if (ending > 0) {
                return;
            }
            requireUnbroken();
            if (now != null) {
                if (awaitPath(now, deadline)) {
                    return;
                }
            } else {
                if (isTooLate()) {
                    throw volume.failure();
                }
                if (deadline.expired()) {
                    throw new DeviceTimeoutException(
                            "timed out waiting for " + volume.name() + " to come back, with " + requests.taken()
                                    + " requests waiting");
                }
                changed.await(seen, Math.min(deadline.remainingNanos(), patience()));
            }
        }
    }

    /** How long to wait at most before the clock is looked at for requests whose time is up. */
    private long patience() {
        return pausedSince == 0
                ? Long.MAX_VALUE
                : Math.max(1, volume.holdNanos() - (volume.nanoTime() - pausedSince));
    }

    /** Returns false if the path has gone with nothing left to be polled. */
    private boolean awaitPath(Attachment now, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        try {
            now.queue().await(deadline);
            return true;
        } catch (DeviceGoneException e) {
            volume.gone(now.path());
            return sent > 0; // then they are to be polled
        }
    }

    private void requireUnbroken() {
        if (broken) {
            throw new DeviceGoneException(
                    volume.name() + ": requests of this queue were given up while a device that had gone"
                            + " could still carry them out; open another queue");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the queue is closed");
        }
    }

    /** Returns false if it was closed before. */
    boolean close() {
        if (closed) {
            return false;
        }
        closed = true;
        attaching.close();
        Attachment now = attachment;
        if (now != null) {
            now.close();
        }
        volume.durability().close(ledger);
        changed.signal();
        return true;
    }
}
