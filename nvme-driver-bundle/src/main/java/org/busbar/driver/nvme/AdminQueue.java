package org.busbar.driver.nvme;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmeStatus;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaException;
import org.jspecify.annotations.Nullable;

/**
 * Runs admin commands (NVMe Base 1.4, section 5), any number at a time. Thread-safe. Whoever waits polls, for himself and
 * for all others.
 *
 * <p>A command whose caller has given up is aborted (5.1); one that goes unanswered beyond its time as well; if neither
 * helps, {@link #overdue} tells why the controller has to be reset. Memory of a command stays with the controller until
 * that has answered or is reset.
 */
final class AdminQueue implements AdminPort {

    static final int ENTRIES = 64;

    /** The time at which a command is overdue that may stay unanswered for ever. */
    static final long NEVER = Long.MAX_VALUE;

    /** What a command that was lost in a reset ends with: aborted by the host (4.6.1.2.4). */
    static final NvmeStatus LOST = new NvmeStatus(3, 0x71, false, false);

    /** What keeps a command from being asked, or its answer from being believed: a host pathing error. */
    static final NvmeStatus HOST = new NvmeStatus(3, 0x70, false, false);

    private QueuePair pair;
    private final Dma dma;
    private final DeviceContext context;
    private final Health health;
    private final long patience;
    private final Watch.Aborter aborter;
    private final BooleanSupplier mayRing;
    private final ReentrantLock lock = new ReentrantLock();
    private final PendingCommands pending;
    private final Aborts aborts;
    private long lastAbort = System.nanoTime();
    /** Guarded by lock. */
    private final Departure departure = new Departure();

    /**
     * The admin queue itself.
     *
     * @param patienceMillis how long a command may go unanswered whose caller does not want to wait longer
     */
    AdminQueue(QueuePair pair, Dma dma, DeviceContext context, Health health, long patienceMillis) {
        this(pair, dma, context, health, patienceMillis, null, () -> true);
    }

    /**
     * Another queue, for commands as few and as slow as those of the admin queue.
     *
     * @param aborter how commands are aborted: only the admin queue takes Abort. Null for that one, which does it itself
     * @param mayRing whether the doorbells may be touched
     */
    AdminQueue(
            QueuePair pair,
            Dma dma,
            DeviceContext context,
            Health health,
            long patienceMillis,
            Watch.@Nullable Aborter aborter,
            BooleanSupplier mayRing) {
        this.pair = pair;
        this.dma = dma;
        this.context = context;
        this.health = health;
        this.patience = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        this.aborts = new Aborts(this, patienceMillis);
        this.aborter = aborter == null ? aborts : aborter;
        this.mayRing = mayRing;
        this.pending = new PendingCommands(pair.depth());
    }

    /** How commands of any queue are aborted: only the admin queue's are of use. */
    Aborts aborts() {
        return aborts;
    }

    QueuePair pair() {
        lock.lock();
        try {
            return pair;
        } finally {
            lock.unlock();
        }
    }

    /** Runs a command whose PRP entry 1 is memory that stays the controller's. Returns the completion's first word. */
    int run(String what, NvmeCommand command, long prp1, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        PendingCommand mine = new PendingCommand(what, null, prp1, null, overdueAt(deadline));
        return (int) AdminPort.requireSuccess(what, execute(mine, command, deadline, context::await)).result();
    }

    /** The same for what must not be left half done: an interrupt is seen only after it, by the caller. */
    int runWhole(String what, NvmeCommand command, long prp1, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        PendingCommand mine = new PendingCommand(what, null, prp1, null, overdueAt(deadline));
        return (int) AdminPort.requireSuccess(what, execute(mine, command, deadline, Wait.whole(context))).result();
    }

    @Override
    public Transfer transfer(String what, int bytes) throws NvmeException {
        try {
            return Transfer.of(dma, bytes);
        } catch (DmaException e) {
            throw new NvmeException(HOST, what + ": " + e.getMessage());
        }
    }

    @Override
    public NvmeCompletion execute(String what, NvmeCommand command, @Nullable Transfer transfer, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        long prp1 = transfer == null ? 0 : transfer.prp1();
        return execute(new PendingCommand(what, transfer, prp1, null, overdueAt(deadline)), command, deadline,
                context::await);
    }

    private long overdueAt(Deadline deadline) {
        return System.nanoTime() + Math.max(patience, deadline.remainingNanos());
    }

    private NvmeCompletion execute(PendingCommand mine, NvmeCommand command, Deadline deadline, Wait wait)
            throws DeviceTimeoutException, InterruptedException {
        String what = mine.what;
        boolean done = false;
        try {
            wait.await("room for " + what + " in the queue", () -> submit(mine, command), deadline);
            wait.await(what + " to complete", () -> isDone(mine), deadline);
            done = true;
        } catch (IllegalStateException e) {
            throw goneOr(e); // the rings went with the device
        } finally {
            if (!done) {
                abandon(mine);
            }
        }
        NvmeCompletion completion = mine.completion;
        if (completion == null) {
            throw new IllegalStateException(what + " is done without a completion");
        }
        return completion;
    }

    /** Sends a command that nobody waits for. Returns whether there was room. */
    boolean post(String what, NvmeCommand command, long overdueAt, Consumer<NvmeCompletion> listener) {
        return submit(new PendingCommand(what, null, 0, listener, overdueAt), command);
    }

    private boolean submit(PendingCommand mine, NvmeCommand command) {
        lock.lock();
        try {
            departure.check(mine, context.id());
            int cid = departure.admits() && mayRing.getAsBoolean() ? pair.take() : -1;
            if (cid < 0) {
                return false;
            }
            pending.put(cid, mine);
            pair.write(cid, command, mine.prp1, mine.prp2());
            pair.ring();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isDone(PendingCommand mine) {
        poll();
        if (mine.completion != null) {
            return true;
        }
        health.checkNowAndThen();
        return false;
    }

    /** The caller has given up: the command's memory is the controller's until it answers. */
    private void abandon(PendingCommand mine) {
        int abort = -1;
        lock.lock();
        try {
            if (mine.completion != null) {
                mine.release();
                return;
            }
            mine.abandoned = true;
            abort = pending.indexOf(mine);
            if (abort < 0) { // it never found room
                mine.release();
            }
        } finally {
            lock.unlock();
        }
        if (abort >= 0 && !context.isRevoked()) {
            try {
                abort(mine, abort);
            } catch (DeviceGoneException e) {
                health.check();
            }
        }
    }

    /** Whether nobody touches the doorbells any more, if they may not be touched any more. */
    boolean isStill() {
        boolean free = lock.tryLock(); // whoever has it may have asked before
        if (free) {
            lock.unlock();
        }
        return free;
    }

    /** Takes what has completed. */
    void poll() {
        List<Runnable> calls = List.of();
        lock.lock();
        try {
            if (departure.isOver()) {
                return;
            }
            // Not more than the ring holds: a controller that never ends would have this thread for ever.
            for (int i = 0; i < pair.completionEntries() && pair.next(); i++) {
                calls = finish(pair.cid(), new NvmeCompletion(NvmeStatus.ofField(pair.status()), pair.result64()),
                        calls);
            }
            if (mayRing.getAsBoolean()) {
                pair.acknowledge();
            }
        } finally {
            lock.unlock();
        }
        calls.forEach(Runnable::run);
    }

    private List<Runnable> finish(int cid, NvmeCompletion completion, List<Runnable> calls) {
        PendingCommand one = pair.isTaken(cid) ? pending.at(cid) : null;
        if (one == null) {
            health.unexpectedCompletion(pair.id(), pair.identifier());
            return calls;
        }
        pending.remove(cid);
        pair.give(cid);
        one.completion = completion;
        if (one.abandoned) {
            one.release();
        }
        Consumer<NvmeCompletion> listener = one.listener;
        if (listener == null) {
            return calls;
        }
        List<Runnable> more = new ArrayList<>(calls);
        more.add(() -> listener.accept(completion));
        return more;
    }

    /** Takes commands from the calling thread only. */
    void reserve() {
        lock.lock();
        try {
            departure.reserve();
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing is in flight but what may stay unanswered for ever. */
    boolean isQuiet() {
        lock.lock();
        try {
            return pending.areQuiet();
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the queue to a successor: from here on nobody touches it. Returns where it stands. */
    RingState leave() {
        lock.lock();
        try {
            if (!isQuiet()) {
                throw new IllegalStateException("commands are in flight");
            }
            pair.acknowledge();
            departure.end();
            return pair.state();
        } finally {
            lock.unlock();
        }
    }

    /** Expects the completions of requests that a predecessor has sent, one for each slot that is taken. */
    void expect(boolean[] taken, InheritedRequests requests) {
        lock.lock();
        try {
            pending.expect(taken, requests);
        } finally {
            lock.unlock();
        }
    }

    /** Asks for a command's end, unless the controller takes no more Aborts now: then {@link #overdue} will. */
    private void abort(PendingCommand one, int cid) {
        int queue;
        int identifier;
        lock.lock();
        try {
            if (pending.at(cid) != one) {
                return;
            }
            queue = pair.id();
            identifier = pair.slots().of(cid);
        } finally {
            lock.unlock();
        }
        if (aborter.abort(queue, identifier)) {
            lock.lock();
            try {
                lastAbort = System.nanoTime();
                one.abortedAt = lastAbort;
            } finally {
                lock.unlock();
            }
        }
    }

    /** Aborts what is overdue. Returns why the controller has to be reset, if an abort has not helped. */
    @Nullable
    String overdue() {
        long now = System.nanoTime();
        for (int cid = 0; cid < pending.slots(); cid++) {
            PendingCommand one;
            lock.lock();
            try {
                one = pending.at(cid);
                if (one == null || one.overdueAt == NEVER) {
                    continue;
                }
                boolean overdue = now - one.overdueAt >= 0;
                if (overdue && one.isHopeless(now, patience, lastAbort)) {
                    return one.unanswered(patience);
                }
                if (one.abortedAt != 0 || !(overdue || one.abandoned)) {
                    continue;
                }
            } finally {
                lock.unlock();
            }
            abort(one, cid);
        }
        return null;
    }

    /** The controller has stopped: everything in flight ends as lost, and the rings begin anew. */
    void restart() {
        restart(pair());
    }

    /** The same with rings that take the place of those before. */
    void restart(QueuePair rings) {
        List<Runnable> calls = List.of();
        lock.lock();
        try {
            for (int cid = 0; cid < pending.slots(); cid++) {
                if (pending.at(cid) != null) {
                    calls = finish(cid, new NvmeCompletion(LOST, 0), calls);
                }
            }
            if (rings != pair) {
                pair.release();
                pair = rings;
            }
            pair.restart();
        } finally {
            lock.unlock();
        }
        calls.forEach(Runnable::run);
    }

    private RuntimeException goneOr(IllegalStateException e) {
        return context.isRevoked() ? new DeviceGoneException(context.id() + " is gone", e) : e;
    }
}
