package org.busbar.driver.nvme;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The slots of the commands of a queue pair, and the identifiers under which the controller knows them (NVMe Base 1.4,
 * section 4.2, CDW0). An identifier is the slot's number and, above it, how often the slot was used: so a completion that
 * comes twice is not taken for the slot's next command. For one thread at a time; allocates nothing after construction.
 */
final class Identifiers {

    /** What {@link #slotOf} gives for identifiers of commands that are not in flight. */
    static final int NONE = -1;

    /** Reserved by NVMe 2.0 for errors that belong to no command. */
    private static final int RESERVED = 0xffff;

    private static final VarHandle FREE_COUNT;

    static {
        try {
            FREE_COUNT = MethodHandles.lookup().findVarHandle(Identifiers.class, "freeCount", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int[] free;
    private final boolean[] busy;
    private final int[] identifiers;
    private final int mask;
    private int freeCount;

    /** @param slots 1 to 65,535 */
    Identifiers(int slots) {
        free = new int[slots];
        busy = new boolean[slots];
        identifiers = new int[slots];
        mask = mask(slots);
        freeCount = slots;
        for (int i = 0; i < slots; i++) {
            free[i] = slots - 1 - i;
            identifiers[i] = i;
        }
    }

    /** Goes on where another one has stopped. */
    Identifiers(int[] next, boolean[] taken) {
        this(next.length);
        freeCount = 0;
        for (int slot = next.length - 1; slot >= 0; slot--) {
            identifiers[slot] = next[slot];
            busy[slot] = taken[slot];
            if (!taken[slot]) {
                free[freeCount++] = slot;
            }
        }
    }

    /** Whether a slot's command may have this identifier, of so many slots. */
    static boolean mayBeOf(int slot, int identifier, int slots) {
        return (identifier & mask(slots)) == slot && identifier != RESERVED;
    }

    private static int mask(int slots) {
        return Math.max(1, Integer.highestOneBit(slots - 1) << 1) - 1;
    }

    int slots() {
        return free.length;
    }

    /**
     * How many slots are taken. Any thread may ask: an opaque load is not hoisted out of a loop that waits for the owner,
     * and nothing else is concluded from it.
     */
    int taken() {
        return free.length - (int) FREE_COUNT.getOpaque(this);
    }

    /** Takes a free slot, or gives {@link #NONE}. */
    int take() {
        if (freeCount == 0) {
            return NONE;
        }
        int slot = free[--freeCount];
        busy[slot] = true;
        return slot;
    }

    /** Gives a slot back; its next command has another identifier. */
    void give(int slot) {
        busy[slot] = false;
        free[freeCount++] = slot;
        int next = identifiers[slot] + mask + 1 & 0xffff;
        identifiers[slot] = next == RESERVED ? slot : next;
    }

    boolean isTaken(int slot) {
        return slot >= 0 && slot < busy.length && busy[slot];
    }

    /** Returns the identifier of a slot's command, 16 bits. */
    int of(int slot) {
        return identifiers[slot];
    }

    int[] identifiers() {
        return identifiers.clone();
    }

    boolean[] busy() {
        return busy.clone();
    }

    /** Returns the slot of the command in flight that has an identifier, or {@link #NONE}. */
    int slotOf(int identifier) {
        int slot = identifier & mask;
        return slot < busy.length && busy[slot] && identifiers[slot] == identifier ? slot : NONE;
    }
}
