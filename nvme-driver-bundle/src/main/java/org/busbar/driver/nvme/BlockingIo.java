package org.busbar.driver.nvme;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.pci.DmaBuffer;

/**
 * Requests that block and copy, from any thread, over one queue that all share. Each request in flight has a slot with a
 * bounce buffer:
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

    private final CommandQueue commands;
    private final DmaBuffer bounce;
    private final Gate gate;
    private final Health health;
    private final long patience;
    private final long unresponsiveNanos;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final int slots;
    private final State[] states;
    private final BlockStatus[] outcomes;
    private final int[] deviceStatus;
    private final long[] started;

    BlockingIo(
            CommandQueue commands,
            DmaBuffer bounce,
            Gate gate,
            Health health,
            boolean hasInterrupt,
            long unresponsiveMillis) {
        this.commands = commands;
        this.bounce = bounce;
        this.gate = gate;
        this.health = health;
        this.patience = Signal.patience(hasInterrupt);
        this.unresponsiveNanos = TimeUnit.MILLISECONDS.toNanos(unresponsiveMillis);
        this.slots = commands.depth();
        this.states = new State[slots];
        this.outcomes = new BlockStatus[slots];
        this.deviceStatus = new int[slots];
        this.started = new long[slots];
        Arrays.fill(states, State.FREE);
        Arrays.fill(outcomes, BlockStatus.OK);
    }

    /** Takes the queue's interrupt, and is called when the device goes: whoever waits looks again. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Reads or writes from the buffer's position to its limit, in as many requests as it takes. */
    void transfer(boolean write, NamespaceInfo namespace, int maxBlocks, long block, ByteBuffer data, Deadline deadline)
            throws BlockIOException, InterruptedException {
        int perRequest = Math.min(maxBlocks, SLOT_BYTES >> namespace.blockShift());
        long next = block;
        while (data.hasRemaining()) {
            int blocks = Math.min(perRequest, data.remaining() >> namespace.blockShift());
            one(write, namespace, next, blocks, data, deadline);
            next += blocks;
        }
    }

    void flush(NamespaceInfo namespace, Deadline deadline) throws BlockIOException, InterruptedException {
        int slot = take(deadline);
        try {
            submit(slot, () -> commands.flush(namespace.nsid(), slot));
            finish(slot, "flush", deadline);
        } finally {
            free(slot);
        }
    }

    private void one(boolean write, NamespaceInfo namespace, long block, int blocks, ByteBuffer data, Deadline deadline)
            throws BlockIOException, InterruptedException {
        int opcode = write ? Opcode.WRITE : Opcode.READ;
        int bytes = blocks << namespace.blockShift();
        int slot = take(deadline);
        long offset = (long) slot * SLOT_BYTES;
        try {
            ByteBuffer copy = bounce.memory().asSlice(offset, bytes).asByteBuffer();
            if (write) {
                copy.put(data.slice(data.position(), bytes));
            }
            submit(
                    slot,
                    () -> commands.transfer(
                            opcode, namespace.nsid(), block, blocks, bounce.address() + offset, bytes, slot));
            finish(slot, (write ? "write of " : "read of ") + blocks + " blocks at " + block, deadline);
            if (!write) {
                data.slice(data.position(), bytes).put(copy);
            }
            data.position(data.position() + bytes);
        } catch (IllegalStateException e) {
            throw gate.isGone() ? gate.gone() : e; // the bounce buffer went with the device
        } finally {
            free(slot);
        }
    }

    private int take(Deadline deadline) throws BlockIOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                if (gate.isGone()) {
                    throw gate.gone();
                }
                commands.poll(this, slots);
                for (int slot = 0; slot < slots && !gate.isDraining(); slot++) {
                    if (states[slot] == State.FREE) {
                        states[slot] = State.HELD;
                        return slot;
                    }
                }
                if (deadline.expired()) {
                    throw timedOut("the request found no free slot in time");
                }
                pause(deadline);
            }
        } finally {
            lock.unlock();
        }
    }

    private void submit(int slot, BooleanSupplier request) {
        lock.lock();
        try {
            if (!request.getAsBoolean()) {
                throw gate.gone(); // a slot is free only if a command is; so the gate is closing
            }
            states[slot] = State.PENDING;
            started[slot] = System.nanoTime();
            commands.submit();
        } finally {
            lock.unlock();
        }
    }

    private void finish(int slot, String what, Deadline deadline) throws BlockIOException, InterruptedException {
        lock.lock();
        try {
            while (true) {
                commands.poll(this, slots);
                if (states[slot] == State.DONE) {
                    break;
                }
                if (deadline.expired()) {
                    throw timedOut(what + " was not done in time; it may still take effect");
                }
                pause(deadline);
            }
            BlockStatus outcome = outcomes[slot];
            if (outcome == BlockStatus.GONE) {
                throw gate.gone();
            }
            if (outcome != BlockStatus.OK) {
                throw new BlockIOException(outcome, deviceStatus[slot], what + ": " + outcome.text());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the caller's use of a slot. One that is still pending belongs to the device until that answers. */
    private void free(int slot) {
        lock.lock();
        try {
            states[slot] = states[slot] == State.PENDING ? State.ABANDONED : State.FREE;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the interrupt, once, and looks after the controller when none comes. The lock is held. */
    @SuppressWarnings("WaitNotInLoop") // every caller loops, over conditions of its own
    private void pause(Deadline deadline) throws InterruptedException {
        long left = changed.awaitNanos(Math.min(patience, Math.max(1, deadline.remainingNanos())));
        if (left <= 0) {
            commands.checkHealth();
            for (int slot = 0; slot < slots; slot++) {
                boolean unanswered = states[slot] == State.PENDING || states[slot] == State.ABANDONED;
                if (unanswered && System.nanoTime() - started[slot] > unresponsiveNanos) {
                    health.unresponsive("a command was not answered within "
                            + TimeUnit.NANOSECONDS.toMillis(unresponsiveNanos) + " ms");
                }
            }
        }
    }

    private static BlockIOException timedOut(String what) {
        return new BlockIOException(BlockStatus.TIMED_OUT, -1, what);
    }

    /** Called by {@link CommandQueue#poll}, with the lock held. */
    @Override
    public void completed(long tag, BlockStatus status) {
        int slot = (int) tag;
        outcomes[slot] = status;
        deviceStatus[slot] = commands.lastStatus();
        states[slot] = states[slot] == State.ABANDONED ? State.FREE : State.DONE;
        changed.signalAll();
    }
}
