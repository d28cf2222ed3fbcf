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
    private final Taken taken = new Taken();
    private final QueueWatch watch;
    private final boolean cached;

    /** Volatile because what its driver has is watched. */
    private volatile @Nullable Attachment attachment;
    private BlockQueue.@Nullable Completion caller;
    /** The path whose end has to be awaited before requests are given to another. */
    private @Nullable Path lost;
    private int sent;
    private int writing;
    private int waiting;
    private int ending;
    private final Pause pause;
    private final Soon soon = new Soon();
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
        this.pause = new Pause(volume);
        this.watch = new QueueWatch(volume, requests);
        this.cached = volume.features().has(BlockFeature.VOLATILE_CACHE);
    }

    /** For the thread that opens the queue. */
    void open(Path path) throws BlockIOException {
        boolean done = false;
        attaching.opens(path);
        try {
            attachment = volume.isolates()
                    ? Aside.open(volume, path, options, memory)
                    : Attachment.open(volume, path, options, memory);
            done = true;
        } finally {
            attaching.opened(path, done);
        }
    }

    /** Looks whether a driver takes too long. On the volumes' thread. */
    void watch(long interval, long patience) {
        attaching.watch(interval, patience);
        watch.look(attachment, interval, patience);
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
                requireOpen(); // if it was closed meanwhile, by another thread, the path has not gone
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
        if (attachment == null && pause.isTooLong()) {
            throw volume.failure();
        }
        pause.begin();
        return false;
    }

    /** Gives a new request to the path. Returns whether it took it; if not, the slot is free again. */
    boolean begin(int slot) {
        Attachment to = attachment;
        boolean begun = false;
        try {
            if (requests.kind(slot) == Kind.FLUSH && !flush(slot)) {
                begun = true;
            } else if (to != null && to.send(requests, slot)) {
                sent++;
                writing += requests.kind(slot).writes() ? 1 : 0;
                begun = true;
            }
        } catch (DeviceGoneException e) {
            begun = to != null && isTakenByBroken(slot, to);
            pause.begin();
        } finally {
            if (!begun) {
                requests.give(slot);
            }
        }
        return begun;
    }

    /** The path has gone as it was given a request. Returns whether it may have taken it, and so may carry it out. */
    private boolean isTakenByBroken(int slot, Attachment to) {
        volume.gone(to.path());
        if (!to.path().isCondemned()) {
            return false;
        }
        lost = to.path();
        requests.park(slot);
        waiting++;
        return true;
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
        if (now != null && !now.path().isCondemned()) {
            try {
                now.submit();
            } catch (DeviceGoneException e) {
                volume.gone(now.path()); // what it has is found at the next poll
            }
        }
    }

    int poll(BlockQueue.Completion completion, int max) {
        requireOpen();
        reported = 0;
        caller = completion;
        Attachment now = attachment;
        if (now != null && max > 0) {
            boolean over = now.path().isOver();
            if (!now.path().isCondemned()) {
                pollPath(now, max);
            }
            if (over && reported < max) {
                loseAll(); // whatever its driver says, or does not say
            }
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
            taken.begin();
            now.poll(taken, max);
        } catch (DeviceGoneException e) {
            volume.gone(now.path());
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
    private final class Taken implements Attachment.Taker {

        private @Nullable Throwable thrown;

        private void begin() {
            thrown = null;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // that very one
        public boolean hasThrown(Throwable what) {
            return what == thrown;
        }

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
                return;
            }
            try {
                finish(slot, status, deviceStatus);
            } catch (RuntimeException | Error e) { // of the queue's user, which passes through the driver
                thrown = e;
                throw e;
            }
        }
    }

    /** Nothing that a path was given can end any more. */
    private void loseAll() {
        for (int slot = 0; slot < requests.depth() && sent > 0; slot++) {
            if (requests.isSent(slot)) {
                sent--;
                lost(slot);
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
        pause.begin();
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
        if (now != null && !now.path().isLeaving()) {
            pause.end();
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
        if (now != null && now.path().isCondemned()) {
            pause.begin();
            if (now.path().isOver() || pause.isTooLong()) {
                loseAll();
            }
        }
        if (now != null && now.path().isLeaving() && sent == 0) {
            attachment = null;
            attaching.discard(now);
            attaching.look();
            now = null;
        }
        if (now == null) {
            now = isFenced() ? next() : null;
            if (now == null && waiting > 0 && pause.isTooLong()) {
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
        attachment = next; // watched from here on: its driver may never come back
        boolean mapped = false;
        try {
            next.map(memory); // what was allocated since it was made
            mapped = true;
        } catch (BlockIOException | DeviceGoneException e) {
            return null;
        } finally {
            if (!mapped) {
                attachment = null;
                attaching.again(next);
            }
        }
        lost = null;
        if (waiting == 0) {
            pause.end();
        }
        return next;
    }

    /** The path before is over: what waits is sent, or ends if it must not be sent again. */
    private void sendAgain(Attachment to) {
        int count = requests.lineUp();
        int at = Requests.NONE;
        try {
            for (int place = 0; place < count; place++) {
                int slot = requests.waiting(place);
                BlockStatus end = endInsteadOfReissue(slot);
                if (end != BlockStatus.OK) {
                    waiting--;
                    end(slot, end);
                    continue;
                }
                at = slot;
                if (to.send(requests, slot)) {
                    at = Requests.NONE;
                    waiting--;
                    sent++;
                    writing += requests.kind(slot).writes() ? 1 : 0;
                    volume.statisticsNow().reissued();
                } else {
                    break;
                }
            }
            at = Requests.NONE;
            to.submit();
        } catch (DeviceGoneException e) {
            volume.gone(to.path());
            if (at != Requests.NONE && to.path().isCondemned()) {
                lost = to.path();
                requests.park(at); // it may have been taken
            }
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

    private void giveUp() {
        Path before = lost;
        broken |= before != null && !before.isOver();
        int count = requests.lineUp();
        for (int place = 0; place < count; place++) {
            end(requests.waiting(place), BlockStatus.GONE);
        }
        waiting = 0;
        lost = null;
        pause.fail();
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
            if (now != null && !now.path().isCondemned()) {
                if ((now.path().isOver() && sent > 0) || awaitPath(now, deadline)) {
                    return;
                }
            } else {
                if (pause.isTooLong()) {
                    throw volume.failure();
                }
                if (deadline.expired()) {
                    throw new DeviceTimeoutException(
                            "timed out waiting for " + volume.name() + " to come back, with " + requests.taken()
                                    + " requests waiting");
                }
                changed.await(seen, Math.min(deadline.remainingNanos(), pause.patience()));
            }
        }
    }

    /** Returns false if there is nothing to be polled: the path is to be looked at again, and the caller's deadline. */
    private boolean awaitPath(Attachment now, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        try {
            now.await(soon.orEarlier(deadline));
            return true;
        } catch (DeviceTimeoutException e) {
            if (deadline.expired()) {
                throw e;
            }
            return false; // the driver may not notice what becomes of its path
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
        if (now != null && now.path().isCondemned()) {
            attaching.discard(now);
        } else if (now != null) {
            now.close();
        }
        volume.durability().close(ledger);
        changed.signal();
        return true;
    }
}
