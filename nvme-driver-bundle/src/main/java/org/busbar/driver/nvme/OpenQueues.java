package org.busbar.driver.nvme;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeException;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The I/O queues that exist now: opened and closed by those who use them, created anew under them when the controller is
 * reset. Thread-safe.
 */
final class OpenQueues {

    private static final Logger LOG = LoggerFactory.getLogger(OpenQueues.class);
    private static final int RAW_ENTRIES = 16;

    /** Tells of resets. */
    interface Resets {

        /** Waits for the end of a reset, if there is one. Returns how many had begun by then, all of which are over. */
        long awaitEnd(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException;

        /** How many have begun so far. */
        long begun();
    }

    private static final Resets NONE = new Resets() {
        @Override
        public long awaitEnd(Deadline deadline) {
            return 0;
        }

        @Override
        public long begun() {
            return 0;
        }
    };

    private final DeviceContext context;
    private final Dma dma;
    private final Health health;
    private final IoQueues queues;
    private final Gate gate;
    private final boolean sgls;
    private final long maxTransfer;
    private final long commandMillis;
    /** The namespace of each; 0 for the one that all share. */
    private final Map<CommandQueue, Integer> open = new ConcurrentHashMap<>();
    /** Those of them that are being deleted: a reset does not create them anew. */
    private final Set<CommandQueue> closing = ConcurrentHashMap.newKeySet();

    private final Changes changes = new Changes();
    private final Object counting = new Object();
    // Guarded by counting.
    private long answeredInClosed;
    private volatile Resets resets = NONE;
    private volatile @Nullable AdminQueue raw;

    OpenQueues(
            DeviceContext context,
            Dma dma,
            Health health,
            IoQueues queues,
            Gate gate,
            boolean sgls,
            long maxTransfer,
            long commandMillis) {
        this.context = context;
        this.dma = dma;
        this.health = health;
        this.queues = queues;
        this.gate = gate;
        this.sgls = sgls;
        this.maxTransfer = maxTransfer;
        this.commandMillis = commandMillis;
    }

    /** Says who tells of resets; until then there are none. */
    void follow(Resets recovery) {
        resets = recovery;
    }

    /**
     * Opens a queue; one that the controller was reset under meanwhile is created again.
     *
     * @param nsid the namespace that it is for, 0 for all
     */
    CommandQueue open(int nsid, int depth, @Nullable Runnable onInterrupt, long timeoutNanos, Deadline deadline)
            throws DmaException, NvmeException, DeviceTimeoutException, InterruptedException {
        return change(deadline, before -> create(nsid, depth, onInterrupt, timeoutNanos, before, deadline));
    }

    /** Something that changes which queues there are. */
    @FunctionalInterface
    private interface Change<T> {

        /**
         * @param before how many resets had begun before
         * @return null if another has begun since and made the change void
         */
        @Nullable
        T make(long before) throws DmaException, NvmeException, DeviceTimeoutException, InterruptedException;
    }

    /**
     * Makes a change: none begins while queues are created anew, and that waits for those under way. So a change either
     * sees the reset begin, or is complete before queues are created anew.
     */
    private <T> T change(Deadline deadline, Change<T> change)
            throws DmaException, NvmeException, DeviceTimeoutException, InterruptedException {
        while (true) {
            long before = resets.awaitEnd(deadline);
            context.await("queues to be created anew", changes::begin, deadline);
            try {
                T made = change.make(before);
                if (made != null) {
                    return made;
                }
            } catch (NvmeException e) {
                if (before == resets.begun()) {
                    throw e;
                }
            } finally {
                changes.end();
            }
        }
    }

    private @Nullable CommandQueue create(
            int nsid,
            int depth,
            @Nullable Runnable onInterrupt,
            long timeoutNanos,
            long before,
            Deadline deadline)
            throws DmaException, NvmeException, DeviceTimeoutException, InterruptedException {
        if (gate.isGone() || gate.isDraining()) {
            throw gate.gone();
        }
        QueuePair pair = queues.create(depth + 1, onInterrupt, deadline);
        boolean done = false;
        try {
            DmaBuffer lists = dma.allocate(depth * PrpLists.listBytes(maxTransfer));
            DataPointers pointers = new DataPointers(lists, maxTransfer, sgls);
            Watch watch = new Watch(pair.id(), pair.slots(), timeoutNanos, queues::abort, health);
            CommandQueue commands = new CommandQueue(pair, pointers, gate, health, watch);
            if (before != resets.begun()) {
                commands.release();
                return null;
            }
            open.put(commands, nsid);
            done = true;
            return commands;
        } finally {
            if (!done) {
                queues.delete(pair, commandDeadline());
            }
        }
    }

    private Deadline commandDeadline() {
        return Deadline.afterMillis(commandMillis);
    }

    /**
     * Ends a queue for its owner: what is in flight completes first, or is aborted by deleting the queue.
     *
     * @return whether the controller has no use for the queue's memory any more, data buffers included; otherwise all of
     *     it stays with the binding
     */
    boolean close(CommandQueue commands, Deadline deadline) {
        if (!open.containsKey(commands) || gate.isGone()) {
            return false;
        }
        boolean interrupted = Thread.interrupted();
        try {
            interrupted |= !drain(commands, deadline);
            delete(commands);
            return true;
        } catch (NvmeException | DmaException | DeviceTimeoutException e) {
            LOG.warn("{}: queue {} cannot be deleted: {}", context.id(), commands.pair().id(), e.getMessage());
            health.unresponsive("queue " + commands.pair().id() + " cannot be deleted: " + e.getMessage());
        } catch (DeviceGoneException e) {
            LOG.debug("{}: gone while queue {} was closed", context.id(), commands.pair().id());
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            forget(commands);
            closing.remove(commands);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return false;
    }

    /** Returns false if the thread was interrupted. What has not completed in time is left to the deletion. */
    private boolean drain(CommandQueue commands, Deadline deadline) {
        try {
            commands.drain(context, deadline);
            return true;
        } catch (DeviceTimeoutException e) {
            LOG.warn("{}: queue {}: {}", context.id(), commands.pair().id(), e.getMessage());
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Deletes a queue; if the controller is reset meanwhile, that has deleted it. */
    private void delete(CommandQueue commands)
            throws DmaException, NvmeException, DeviceTimeoutException, InterruptedException {
        Deadline deadline = commandDeadline();
        change(deadline, before -> {
            closing.add(commands);
            queues.delete(commands.pair(), deadline);
            QueuePair neverUsed = commands.handover().take();
            if (neverUsed != null) {
                neverUsed.release();
            }
            commands.release();
            return commands;
        });
    }

    /** The size of the largest ring in use, in entries. */
    int mostEntries() {
        return open.keySet().stream().mapToInt(commands -> commands.pair().completionEntries()).max().orElse(0);
    }

    /** Whether no request is in flight in any queue. */
    boolean areIdle() {
        return open.keySet().stream().allMatch(commands -> commands.inFlight() == 0);
    }

    /** Lets no further request reach a namespace that is to be another one. */
    void retire(int nsid) {
        open.forEach((commands, of) -> {
            if (of == nsid) {
                commands.handover().retire();
            }
        });
    }

    /** Whether no request is under way in the queues that are for a namespace; they were retired before. */
    boolean areIdle(int nsid) {
        return open.entrySet()
                .stream()
                .filter(e -> e.getValue() == nsid)
                .map(Map.Entry::getKey)
                .allMatch(commands -> commands.handover().isStill() && commands.inFlight() == 0);
    }

    /** How many requests were answered in time since the beginning, in all queues that there are and were. */
    long answered() {
        synchronized (counting) {
            return answeredInClosed + open.keySet().stream().mapToLong(CommandQueue::answered).sum();
        }
    }

    private void forget(CommandQueue commands) {
        synchronized (counting) {
            if (open.remove(commands) != null) {
                answeredInClosed += commands.answered();
            }
        }
    }

    /** Whether nobody touches a doorbell any more, after the gate was paused. */
    boolean areStill() {
        AdminQueue other = raw;
        return (other == null || other.isStill())
                && open.keySet().stream().allMatch(commands -> commands.handover().isStill());
    }

    /** The controller is up again and has no queues: creates those that are open. */
    void renew(Deadline deadline) throws IOException, DeviceTimeoutException, InterruptedException {
        changes.stop();
        try {
            context.await("queues to be opened or closed", changes::areOver, deadline);
            queues.wasReset();
            for (CommandQueue commands : open.keySet()) {
                if (!closing.contains(commands)) {
                    commands.handover().renew(queues.recreate(commands.pair(), deadline));
                }
            }
            AdminQueue other = raw;
            if (other != null) {
                other.restart(queues.recreate(other.pair(), deadline));
            }
        } finally {
            changes.allow();
        }
    }

    /** Returns the queue for raw commands, which exists from the first on. */
    synchronized AdminPort raw(Deadline deadline) throws IOException, DeviceTimeoutException, InterruptedException {
        AdminQueue queue = raw;
        return queue != null ? queue : change(deadline, before -> createRaw(before, deadline));
    }

    private @Nullable AdminQueue createRaw(long before, Deadline deadline)
            throws DmaException, NvmeException, DeviceTimeoutException, InterruptedException {
        QueuePair pair = queues.create(RAW_ENTRIES, null, deadline);
        if (before != resets.begun()) {
            queues.delete(pair, commandDeadline());
            return null;
        }
        AdminQueue queue =
                new AdminQueue(pair, dma, context, health, commandMillis, queues::abort, gate::mayRing);
        raw = queue;
        return queue;
    }

    /** Looks after raw commands. Returns why the controller has to be reset, if it has to. */
    @Nullable
    String overdueRaw() {
        AdminQueue queue = raw;
        if (queue == null) {
            return null;
        }
        queue.poll();
        return queue.overdue();
    }
}
