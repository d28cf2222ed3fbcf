package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.pci.DmaBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Requests that block, from any thread, over one queue that all share. Each request in flight has a slot with a bounce
 * buffer:
 *
 * <pre>
 *   FREE --> HELD --> PENDING --> DONE --> FREE
 *                        \--> ABANDONED --> FREE     its caller has given up; the device has not yet
 * </pre>
 */
final class BlockingIo implements BlockQueue.Completion {

    /** Slots, if the controller allows so many commands in flight. */
    static final int SLOTS = 8;
    static final int SLOT_BYTES = 128 * 1024;

    private enum State {
        FREE,
        HELD,
        PENDING,
        DONE,
        ABANDONED
    }

    /** One command, and what goes through the bounce buffer. */
    interface Request {

        /** What it is, for messages. */
        String text();

        /** Fills the bounce buffer. */
        default void fill(MemorySegment bounce) {}

        /**
         * Prepares the command.
         *
         * @param address the device's address of the bounce buffer
         * @return whether there was room
         */
        boolean prepare(NvmCommands commands, long address, long tag);

        /** Empties the bounce buffer, if the command did well. */
        default void empty(MemorySegment bounce) {}
    }

    private final CommandQueue commands;
    private final DmaBuffer bounce;
    private final Gate gate;
    private final long patience;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final int slots;
    private final State[] states;
    private final BlockStatus[] outcomes;
    private final int[] deviceStatus;
    private final @Nullable Runnable[] ends;

    /** @param bounce {@link #SLOT_BYTES} for each command that the queue can have in flight */
    BlockingIo(CommandQueue commands, DmaBuffer bounce, Gate gate, boolean hasInterrupt) {
        this.commands = commands;
        this.bounce = bounce;
        this.gate = gate;
        this.patience = Signal.patience(hasInterrupt);
        this.slots = commands.depth();
        this.states = new State[slots];
        this.outcomes = new BlockStatus[slots];
        this.deviceStatus = new int[slots];
        this.ends = new Runnable[slots];
        Arrays.fill(states, State.FREE);
        Arrays.fill(outcomes, BlockStatus.OK);
    }

    /** Takes the queue's interrupt, and is called when the device goes or comes back: whoever waits looks again. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes completions whose callers have given up, and sees to commands that are late, if nobody else does. From any
     * thread.
     */
    void look() {
        if (lock.tryLock()) {
            try {
                commands.poll(this, slots);
                commands.checkHealth();
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Runs a request, for as long as its caller waits.
     *
     * @param atEnd called once, when nothing of it is under way any more: perhaps long after the caller has given up. Under
     *     the lock
     */
    void run(Request request, Runnable atEnd, Deadline deadline) throws BlockIOException, InterruptedException {
        int slot = take(atEnd, deadline);
        long offset = (long) slot * SLOT_BYTES;
        try {
            MemorySegment memory = bounce.memory().asSlice(offset, SLOT_BYTES);
            request.fill(memory);
            submit(slot, request, bounce.address() + offset, deadline);
            finish(slot, request, deadline);
            request.empty(memory);
        } catch (IllegalStateException e) {
            throw gate.isGone() ? gate.gone() : e; // the bounce buffer went with the device
        } finally {
            free(slot);
        }
    }

    private int take(Runnable atEnd, Deadline deadline) throws BlockIOException, InterruptedException {
        boolean taken = false;
        lock.lock();
        try {
            while (true) {
                requirePresent();
                commands.poll(this, slots);
                for (int slot = 0; slot < slots && !gate.isDraining(); slot++) {
                    if (states[slot] == State.FREE) {
                        states[slot] = State.HELD;
                        ends[slot] = atEnd;
                        taken = true;
                        return slot;
                    }
                }
                if (deadline.expired()) {
                    throw timedOut("the request found no free slot in time");
                }
                pause(deadline);
            }
        } finally {
            if (!taken) {
                atEnd.run();
            }
            lock.unlock();
        }
    }

    /** A slot is free only if a command is; but none are taken while the controller is reset. */
    private void submit(int slot, Request request, long address, Deadline deadline)
            throws BlockIOException, InterruptedException {
        lock.lock();
        try {
            while (!request.prepare(commands.prepare(), address, slot)) {
                requirePresent();
                if (deadline.expired()) {
                    throw timedOut("the controller was being reset, and the request did not reach it in time");
                }
                commands.poll(this, slots);
                pause(deadline);
            }
            states[slot] = State.PENDING;
            commands.submit();
        } finally {
            lock.unlock();
        }
    }

    private void finish(int slot, Request request, Deadline deadline) throws BlockIOException, InterruptedException {
        lock.lock();
        try {
            while (true) {
                commands.poll(this, slots);
                if (states[slot] == State.DONE) {
                    break;
                }
                if (deadline.expired()) {
                    throw timedOut(request.text() + " was not done in time; it may still take effect");
                }
                pause(deadline);
            }
            BlockStatus outcome = outcomes[slot];
            if (outcome == BlockStatus.GONE) {
                throw gate.gone();
            }
            if (outcome != BlockStatus.OK) {
                throw Status.exception(outcome, deviceStatus[slot], request.text());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the caller's use of a slot. One that is still pending belongs to the device until that answers. */
    private void free(int slot) {
        lock.lock();
        try {
            if (states[slot] == State.PENDING) {
                states[slot] = State.ABANDONED;
            } else {
                end(slot);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end(int slot) {
        states[slot] = State.FREE;
        Runnable atEnd = ends[slot];
        ends[slot] = null;
        if (atEnd != null) {
            atEnd.run();
        }
    }

    private void requirePresent() {
        if (gate.isGone()) {
            throw gate.gone();
        }
    }

    /** Waits for the interrupt, once, and looks after the controller when none comes. The lock is held. */
    @SuppressWarnings("WaitNotInLoop") // every caller loops, over conditions of its own
    private void pause(Deadline deadline) throws InterruptedException {
        commands.acknowledge();
        if (commands.hasCompletion()) {
            return;
        }
        long left = changed.awaitNanos(Math.min(patience, Math.max(1, deadline.remainingNanos())));
        if (left <= 0) {
            commands.checkHealth();
        }
    }

    private static BlockIOException timedOut(String what) {
        return new BlockIOException(BlockStatus.TIMED_OUT, -1, what);
    }

    /** Called by {@link CommandQueue#poll}, with the lock held. */
    @Override
    public void completed(long tag, BlockStatus status, int statusOfDevice) {
        int slot = (int) tag;
        outcomes[slot] = status;
        deviceStatus[slot] = statusOfDevice;
        if (states[slot] == State.ABANDONED) {
            end(slot);
        } else {
            states[slot] = State.DONE;
        }
        changed.signalAll();
    }

    @Override
    public void completed(long tag, BlockStatus status) {
        completed(tag, status, -1);
    }
}
