package org.busbar.driver.nvme;

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
final class CommandQueue implements QueuePair.Sink {

    /** Polls that find nothing before the controller's health is looked at: a few milliseconds of a busy thread. */
    private static final int POLLS_BETWEEN_CHECKS = 1 << 14;

    private final QueuePair pair;
    private final PrpLists lists;
    private final Gate gate;
    private final Health health;
    private final long[] tags;

    private BlockQueue.Completion completion = (tag, status) -> {};
    private int emptyPolls;
    private int lastStatus;

    CommandQueue(QueuePair pair, DmaBuffer lists, long maxTransfer, Gate gate, Health health) {
        this.pair = pair;
        this.lists = PrpLists.in(lists, maxTransfer);
        this.gate = gate;
        this.health = health;
        this.tags = new long[pair.depth()];
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
        if (gate.isGone()) {
            return failAll(completion, max);
        }
        this.completion = completion;
        try {
            int taken = pair.poll(this, max);
            if (taken == 0 && ++emptyPolls >= POLLS_BETWEEN_CHECKS) {
                emptyPolls = 0;
                checkHealth();
            }
            return taken;
        } catch (DeviceGoneException | IllegalStateException e) {
            // The memory of the rings goes away only after the gate is shut; anything else is the caller's own.
            if (!gate.isGone()) {
                throw e;
            }
            return failAll(completion, max);
        }
    }

    /**
     * Makes sure that there is something to wait for.
     *
     * @throws DeviceGoneException if the device is gone: nothing will complete any more
     */
    void requirePresent() {
        if (gate.isGone()) {
            throw gate.gone();
        }
    }

    /** Whether a poll would report something. */
    boolean hasCompletion() {
        if (gate.isGone()) {
            return pair.inFlight() > 0;
        }
        try {
            return pair.hasCompletion();
        } catch (IllegalStateException e) {
            goneOr(e);
            return pair.inFlight() > 0;
        }
    }

    void checkHealth() {
        if (pair.inFlight() > 0) {
            health.check();
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

    private RuntimeException goneOr(IllegalStateException e) {
        if (gate.isGone()) {
            return gate.gone();
        }
        return e;
    }

    @Override
    public void completed(int cid, int status, int result) {
        lastStatus = Status.code(status);
        completion.completed(tags[cid], status == 0 ? BlockStatus.OK : Status.toBlockStatus(status));
    }

    @Override
    public void unexpected(int cid) {
        health.unexpectedCompletion(pair.id(), cid);
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
