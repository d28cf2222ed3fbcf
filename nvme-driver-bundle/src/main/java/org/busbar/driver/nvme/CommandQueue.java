package org.busbar.driver.nvme;

import java.util.function.IntConsumer;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;

/**
 * NVM commands on one queue pair: tags for slots, data pointers, and an end for every command even when the controller is
 * reset or gone. For one thread at a time, its owner, whom others meet at the {@link #handover}; allocates nothing per command.
 *
 * <p>A reset takes the rings away from the owner without waiting for it: the gate is paused, doorbells are waited for to
 * be left alone, and a new pair with rings of its own is handed in. The owner takes it at its next poll, having reported
 * what had completed in the old rings: commands that are still in flight then go into the new ones.
 */
final class CommandQueue {

    /** Polls before the clock is looked at. */
    private static final int POLLS_BETWEEN_CHECKS = 1 << 10;

    private static final int NONE = Identifiers.NONE;

    private final Identifiers slots;
    private final DataPointers pointers;
    private final NvmCommands commands;
    private final Gate gate;
    private final Health health;
    private final Watch watch;
    private final CommandTable table;
    private final Handover handover;
    private final IntConsumer unrung;

    private QueuePair pair;
    private int lost;
    private int polls;
    private int lastStatus;
    private long completed;
    private long answered;
    private long completedAtCheck = -1;
    private boolean distrusted;

    CommandQueue(QueuePair pair, DataPointers pointers, Gate gate, Health health, Watch watch) {
        this.pair = pair;
        this.slots = pair.slots();
        this.pointers = pointers;
        this.commands = new NvmCommands(this, pointers);
        this.gate = gate;
        this.health = health;
        this.watch = watch;
        this.table = new CommandTable(pair.depth());
        this.handover = new Handover(gate);
        this.unrung = watch::begin;
    }

    QueuePair pair() {
        return pair;
    }

    DataPointers pointers() {
        return pointers;
    }

    int depth() {
        return slots.slots();
    }

    /** How many commands are prepared or in flight. Any thread may ask. */
    int inFlight() {
        return slots.taken();
    }

    /** Where the owner is met by others. */
    Handover handover() {
        return handover;
    }

    /** Prepares commands. */
    NvmCommands prepare() {
        return commands;
    }

    /** Takes a slot for a command, or gives {@link Identifiers#NONE}. */
    int take(long tag) {
        if (!gate.isOpen() || handover.isRenewed()) {
            if (gate.isGone()) {
                throw gate.gone();
            }
            return NONE;
        }
        int slot = slots.take();
        if (slot != NONE) {
            table.begin(slot, tag);
            watch.begin(slot);
        }
        return slot;
    }

    /** Keeps what a slot's command says, so that it can be said again, and writes it into the ring. */
    void write(
            int slot, int opcode, int nsid, long metadata, long cdw10and11, long cdw12and13, long cdw14and15) {
        table.put(slot, opcode, nsid, metadata, pointers, cdw10and11, cdw12and13, cdw14and15);
        table.write(slot, pair);
    }

    /** Hands over what is prepared. If the device is gone, {@link #poll} tells. */
    void submit() {
        if (pair.hasUnrung()) {
            ring(pair.unacknowledged() * 2 >= pair.completionEntries());
        }
    }

    private void ring(boolean acknowledge) {
        try {
            if (handover.enter()) {
                pair.ring();
                if (acknowledge) {
                    pair.acknowledge();
                }
            }
        } catch (DeviceGoneException e) {
            health.check(); // what was taken is reported; the rest ends once the gate is shut
        } catch (IllegalStateException e) {
            DeviceGoneException _ = goneOr(e); // a shadow doorbell is memory, and went with the device
        } finally {
            handover.leave();
        }
    }

    int poll(BlockQueue.Completion completion, int max) {
        if (++polls >= POLLS_BETWEEN_CHECKS) {
            checkHealth();
        }
        int reported = 0;
        while (reported < max && next()) {
            if (report(completion)) {
                reported++;
            }
        }
        if (reported > 0) {
            if (pair.unacknowledged() * 2 >= pair.completionEntries()) {
                ring(true);
            }
        } else if (gate.isGone()) {
            return failAll(completion, max);
        } else if (handover.canGoOn() || lost > 0) {
            goOn();
            return reportLost(completion, max);
        } else if (handover.isRetired()) {
            return failUnrung(completion, max);
        }
        return reported;
    }

    private boolean next() {
        try {
            return !distrusted && !gate.isGone() && pair.next();
        } catch (IllegalStateException e) {
            goneOr(e); // the rings went with the device
            return false;
        }
    }

    /** Returns whether the completion was for a command in flight. If not, nothing is believed until the reset. */
    private boolean report(BlockQueue.Completion completion) {
        int slot = pair.cid();
        if (slot == NONE || !pair.isOfThisQueue()) {
            distrusted = true;
            health.unexpectedCompletion(pair.id(), pair.identifier());
            return false;
        }
        int status = Status.code(pair.status());
        BlockStatus outcome = status == 0 ? BlockStatus.OK : Status.toBlockStatus(status);
        boolean late = outcome == BlockStatus.ABORTED && watch.isLate(slot);
        if (!late) {
            answered++;
        }
        end(slot, late ? BlockStatus.TIMED_OUT : outcome, status, completion);
        return true;
    }

    private void end(int slot, BlockStatus outcome, int status, BlockQueue.Completion completion) {
        slots.give(slot);
        completed++;
        lastStatus = status;
        completion.completed(table.tag(slot), outcome, status);
    }

    /** Begins again with the new rings: commands are sent again, but for those that were late, or are sent too often. */
    private void goOn() {
        QueuePair fresh = handover.canGoOn() ? handover.take() : null;
        if (fresh == null) {
            return;
        }
        pair.release();
        pair = fresh;
        distrusted = false;
        lost = 0;
        try {
            for (int slot = 0; slot < slots.slots(); slot++) {
                if (slots.isTaken(slot)) {
                    sendAgain(slot);
                }
            }
        } catch (IllegalStateException e) {
            goneOr(e); // the new rings went with the device
        }
        ring(false);
    }

    private void sendAgain(int slot) {
        table.wasReset(slot);
        if (watch.isLate(slot)) {
            table.lose(slot);
        }
        if (table.isLost(slot)) {
            lost++;
        } else {
            watch.begin(slot);
            table.write(slot, pair);
        }
    }

    private int reportLost(BlockQueue.Completion completion, int max) {
        int reported = 0;
        for (int slot = 0; slot < slots.slots() && reported < max && lost > 0; slot++) {
            if (slots.isTaken(slot) && table.isLost(slot)) {
                lost--;
                reported++;
                end(slot, watch.isLate(slot) ? BlockStatus.TIMED_OUT : BlockStatus.ABORTED, -1, completion);
            }
        }
        return reported;
    }

    private int failUnrung(BlockQueue.Completion completion, int max) {
        int failed = 0;
        while (failed < max && pair.hasUnrung()) {
            failed++;
            end(pair.takeBack(), BlockStatus.GONE, -1, completion);
        }
        return failed;
    }

    private int failAll(BlockQueue.Completion completion, int max) {
        int failed = 0;
        for (int slot = 0; slot < slots.slots() && failed < max && slots.taken() > 0; slot++) {
            if (slots.isTaken(slot)) {
                failed++;
                end(slot, BlockStatus.GONE, -1, completion);
            }
        }
        return failed;
    }

    /** Tells the device of all completions that were taken: before a wait, since it may not interrupt otherwise. */
    void acknowledge() {
        if (pair.unacknowledged() > 0) {
            ring(true);
        }
    }

    /**
     * Makes sure that there is something to wait for.
     *
     * @throws DeviceGoneException if the device is gone and nothing is in flight whose end could be taken
     */
    void requirePresent() {
        if (gate.isGone() && inFlight() == 0) {
            throw gate.gone();
        }
    }

    /**
     * Whether a poll would report something, or send commands again. After a reset with nothing in flight it is the poll that
     * has the queue take commands again, so an owner who waits is not to wait for long.
     */
    boolean hasCompletion() {
        try {
            if (gate.isGone()) {
                return inFlight() > 0;
            }
            return handover.canGoOn()
                    || lost > 0
                    || (handover.isRetired() && pair.hasUnrung())
                    || (!distrusted && pair.hasCompletion());
        } catch (IllegalStateException e) {
            goneOr(e);
            return inFlight() > 0;
        }
    }

    /**
     * Whether there is nothing to wait for: a poll would report something or send commands again or, with nothing in
     * flight, requests are taken, after a poll.
     */
    boolean isPollDue() {
        return inFlight() > 0 ? hasCompletion() : gate.isOpen();
    }

    /** Looks, not too often, whether the controller is there and well, and whether commands are late. */
    void checkHealth() {
        polls = 0;
        long now = System.nanoTime();
        if (inFlight() == 0 || !gate.mayRing() || handover.isRenewed() || !watch.isDue(now)) {
            return;
        }
        if (completed == completedAtCheck) {
            health.check();
        }
        completedAtCheck = completed;
        try {
            pair.eachUnrung(unrung); // what is prepared and not handed over is nobody's fault
            watch.look(now);
        } catch (DeviceGoneException e) {
            health.check();
        } catch (IllegalStateException e) {
            goneOr(e); // the admin queue's rings went with the device
        }
    }

    /** How many commands the device has answered in time. Any thread may ask; it may be a little late. */
    long answered() {
        return answered;
    }

    /** During a completion: the status as the device gave it, {@code SCT << 8 | SC}, -1 if it gave none. */
    int lastStatus() {
        return lastStatus;
    }

    /** Gives a slot back whose command could not be written. */
    DeviceGoneException goneOr(int slot, IllegalStateException e) {
        slots.give(slot);
        return goneOr(e);
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
        pointers.release();
    }
}
