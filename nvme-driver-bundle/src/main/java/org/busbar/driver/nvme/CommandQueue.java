package org.busbar.driver.nvme;

import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.DmaBuffer;

/**
 * NVM commands on one queue pair: tags for identifiers, PRP lists, and an end for every command even when the device is
 * gone. For one thread at a time; allocates nothing per command.
 */
final class CommandQueue {

    /** Polls that find nothing before the controller's health is looked at: a few milliseconds of a busy thread. */
    private static final int POLLS_BETWEEN_CHECKS = 1 << 14;

    private final QueuePair pair;
    private final PrpLists lists;
    private final Gate gate;
    private final Health health;
    private final long[] tags;

    private final long unresponsiveNanos;

    private int emptyPolls;
    private int lastStatus;
    private long completed;
    private long completedAtCheck = -1;
    private long stalledSince;

    /**
     * @param unresponsiveMillis how long the controller may leave everything in flight unanswered
     */
    CommandQueue(
            QueuePair pair, DmaBuffer lists, long maxTransfer, Gate gate, Health health, long unresponsiveMillis) {
        this.pair = pair;
        this.lists = PrpLists.in(lists, maxTransfer);
        this.gate = gate;
        this.health = health;
        this.tags = new long[pair.depth()];
        this.unresponsiveNanos = TimeUnit.MILLISECONDS.toNanos(unresponsiveMillis);
    }

    /** Bytes of PRP lists that a queue of such a depth needs. */
    static long listBytes(int depth, long maxTransfer) {
        return depth * PrpLists.listBytes(maxTransfer);
    }

    QueuePair pair() {
        return pair;
    }

    int depth() {
        return pair.depth();
    }

    int inFlight() {
        return pair.inFlight();
    }

    /**
     * Prepares a read or write (NVMe Base 1.4, sections 6.9 and 6.15): the starting LBA in CDW10 and 11, the zero-based
     * count in CDW12.
     *
     * @return whether there was room
     */
    boolean transfer(int opcode, int nsid, long block, int blocks, long address, long bytes, long tag) {
        int cid = take(tag);
        if (cid < 0) {
            return false;
        }
        try {
            pair.write(cid, opcode, nsid, address, lists.second(cid, address, bytes), block, blocks - 1);
        } catch (IllegalStateException e) {
            pair.give(cid);
            throw goneOr(e);
        }
        return true;
    }

    /** Prepares a flush (6.8). */
    boolean flush(int nsid, long tag) {
        int cid = take(tag);
        if (cid < 0) {
            return false;
        }
        try {
            pair.write(cid, Opcode.FLUSH, nsid, 0, 0, 0, 0);
        } catch (IllegalStateException e) {
            pair.give(cid);
            throw goneOr(e);
        }
        return true;
    }

    private int take(long tag) {
        if (gate.isGone()) {
            throw gate.gone();
        }
        if (gate.isDraining()) {
            return -1;
        }
        int cid = pair.take();
        if (cid >= 0) {
            tags[cid] = tag;
        }
        return cid;
    }

    /** Hands over what is prepared. If the device is gone, {@link #poll} tells. */
    void submit() {
        try {
            pair.ring();
        } catch (DeviceGoneException e) {
            health.check();
        }
    }

    int poll(BlockQueue.Completion completion, int max) {
        int taken = 0;
        while (taken < max && next()) {
            taken++;
            report(completion);
        }
        if (taken > 0) {
            acknowledge();
        } else if (gate.isGone()) {
            return failAll(completion, max);
        } else if (++emptyPolls >= POLLS_BETWEEN_CHECKS) {
            emptyPolls = 0;
            checkHealth();
        }
        return taken;
    }

    private boolean next() {
        try {
            return !gate.isGone() && pair.next();
        } catch (IllegalStateException e) {
            goneOr(e); // the rings went with the device
            return false;
        }
    }

    private void report(BlockQueue.Completion completion) {
        int cid = pair.cid();
        if (!pair.isTaken(cid)) {
            health.unexpectedCompletion(pair.id(), cid);
            return;
        }
        pair.give(cid);
        completed++;
        int status = pair.status();
        lastStatus = Status.code(status);
        completion.completed(tags[cid], status == 0 ? BlockStatus.OK : Status.toBlockStatus(status));
    }

    private void acknowledge() {
        try {
            pair.acknowledge();
        } catch (DeviceGoneException e) {
            health.check(); // what was taken is reported; the rest ends once the gate is shut
        }
    }

    /**
     * Makes sure that there is something to wait for.
     *
     * @throws DeviceGoneException if the device is gone and nothing is in flight whose end could be taken
     */
    void requirePresent() {
        if (gate.isGone() && pair.inFlight() == 0) {
            throw gate.gone();
        }
    }

    /** Whether a poll would report something. */
    boolean hasCompletion() {
        try {
            return gate.isGone() ? pair.inFlight() > 0 : pair.hasCompletion();
        } catch (IllegalStateException e) {
            goneOr(e);
            return pair.inFlight() > 0;
        }
    }

    /** Looks whether the controller is there, well, and answering at all. To be called when there is nothing to take. */
    void checkHealth() {
        if (pair.inFlight() == 0) {
            completedAtCheck = -1;
            return;
        }
        health.check();
        long now = System.nanoTime();
        if (completed != completedAtCheck) {
            completedAtCheck = completed;
            stalledSince = now;
        } else if (now - stalledSince > unresponsiveNanos) {
            health.unresponsive("queue " + pair.id() + ": none of " + pair.inFlight() + " commands was answered within "
                    + TimeUnit.NANOSECONDS.toMillis(unresponsiveNanos) + " ms");
        }
    }

    /** During a completion: the status as the device gave it, {@code SCT << 8 | SC}, -1 if the device is gone. */
    int lastStatus() {
        return lastStatus;
    }

    private int failAll(BlockQueue.Completion completion, int max) {
        int failed = 0;
        for (int cid = 0; cid < tags.length && failed < max && pair.inFlight() > 0; cid++) {
            if (pair.isTaken(cid)) {
                pair.give(cid);
                failed++;
                lastStatus = -1;
                completion.completed(tags[cid], BlockStatus.GONE);
            }
        }
        return failed;
    }

    /** The memory of the rings goes away only after the gate is shut; an exception before that is a defect of ours. */
    private DeviceGoneException goneOr(IllegalStateException e) {
        if (!gate.isGone()) {
            throw e;
        }
        return gate.gone();
    }

    /** Waits for what is in flight, reporting it to nobody. */
    void drain(DeviceContext context, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        context.await(
                "the requests of a closing queue to complete",
                () -> {
                    poll((tag, status) -> {}, depth());
                    return inFlight() == 0;
                },
                deadline);
    }

    /** Returns the memory of the lists. */
    void release() {
        lists.release();
    }
}
