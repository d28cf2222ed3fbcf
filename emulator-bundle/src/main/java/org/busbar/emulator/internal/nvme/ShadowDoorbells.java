package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.busbar.emulator.internal.model.DmaPort;

/**
 * Doorbells in memory (Doorbell Buffer Config, sections 5.7 and 7.13). A driver writes its values into one page and rings
 * the register only when it passes the value that the device has written into the other, EventIdx. As long as the device
 * is at work anyway, and for a few more looks at a queue that is empty, it leaves EventIdx behind; before it rests it moves
 * EventIdx to what it has seen, and then looks once more: between the two, a full fence on either side sees to it that the
 * driver rings or the device sees. How many looks it takes follows from how often they have paid off.
 */
final class ShadowDoorbells {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int LOOKS_MIN = 2;
    private static final int LOOKS_MAX = 64;

    private final DmaPort dma;
    private final Doorbells doorbells;
    /** Looks in vain at each submission queue. */
    private final int[] looks = new int[Doorbells.QUEUES];
    /** How many of them it takes before the device rests. */
    private int patience = LOOKS_MAX;
    /** Submission queues that are being looked at though they were empty, a bit each. */
    private long lingering;

    private final MemorySegment value = Arena.ofAuto().allocate(4, 4);
    private boolean active;
    private long shadows;
    private long events;

    ShadowDoorbells(DmaPort dma, Doorbells doorbells) {
        this.dma = dma;
        this.doorbells = doorbells;
    }

    void register(CommandTable table, NvmeRegisters registers) {
        table.add(0x7c, CommandTable.CHANGES_CONTROLLER, command -> configure(command, registers.pageSize()));
    }

    private int configure(Command command, long page) {
        if (((command.prp1() | command.prp2()) & (page - 1)) != 0) {
            return Status.INVALID_FIELD;
        }
        shadows = command.prp1();
        events = command.prp2();
        active = true;
        doorbells.shadowed(true);
        return Status.SUCCESS;
    }

    void clear() {
        active = false;
        lingering = 0;
        Arrays.fill(looks, 0);
        doorbells.shadowed(false);
    }

    /** The ring of a submission queue is empty as far as is known. Returns whether memory says otherwise. */
    boolean findsCommands(SubmissionQueue queue) {
        int id = queue.id();
        if (!active || id == 0) {
            return false;
        }
        long slot = 8L * id;
        if (newTail(id, slot)) {
            if (looks[id] > 0) {
                patience = Math.min(LOOKS_MAX, 2 * patience);
            }
            forget(id);
            return true;
        }
        if (looks[id] < patience) {
            looks[id]++;
            lingering |= 1L << id;
            return false;
        }
        patience = Math.max(LOOKS_MIN, patience / 2);
        forget(id);
        return rest(slot, doorbells.tail(id)) && newTail(id, slot);
    }

    /** Returns whether an empty submission queue is to be looked at again without being rung. */
    boolean lingers(int id) {
        return (lingering & (1L << id)) != 0;
    }

    /** A submission queue is gone, or has been found to be otherwise than empty. */
    void forget(int id) {
        looks[id] = 0;
        lingering &= ~(1L << id);
    }

    /** A completion queue is full as far as is known. Returns whether memory says otherwise. */
    boolean findsRoom(CompletionQueue queue) {
        int id = queue.id();
        if (!active || id == 0) {
            return false;
        }
        long slot = 8L * id + 4;
        return newHead(id, slot) || (rest(slot, doorbells.head(id)) && newHead(id, slot));
    }

    private boolean newTail(int id, long slot) {
        return read(slot) && value.get(INT, 0) != doorbells.tail(id) && doorbells.tail(id, value.get(INT, 0));
    }

    private boolean newHead(int id, long slot) {
        return read(slot) && value.get(INT, 0) != doorbells.head(id) && doorbells.head(id, value.get(INT, 0));
    }

    private boolean read(long slot) {
        boolean done = dma.read(shadows + slot, value, 0, 4);
        VarHandle.acquireFence();
        return done;
    }

    /** From now on the driver is to ring. */
    private boolean rest(long slot, int seen) {
        boolean done = dma.write32(events + slot, seen);
        VarHandle.fullFence();
        return done;
    }
}
