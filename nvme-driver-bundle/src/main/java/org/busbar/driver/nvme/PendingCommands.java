package org.busbar.driver.nvme;

import org.jspecify.annotations.Nullable;

/** The commands in flight in an {@link AdminQueue}, by slot. Guarded by its lock. */
final class PendingCommands {

    private final @Nullable PendingCommand[] bySlot;

    PendingCommands(int slots) {
        bySlot = new @Nullable PendingCommand[slots];
    }

    int slots() {
        return bySlot.length;
    }

    @Nullable
    PendingCommand at(int slot) {
        return bySlot[slot];
    }

    void put(int slot, PendingCommand one) {
        bySlot[slot] = one;
    }

    void remove(int slot) {
        bySlot[slot] = null;
    }

    /** Returns the slot of a command, -1 if it has none. */
    int indexOf(PendingCommand one) {
        for (int slot = 0; slot < bySlot.length; slot++) {
            if (bySlot[slot] == one) {
                return slot;
            }
        }
        return -1;
    }

    /** Whether nothing is in flight but what may stay unanswered for ever. */
    boolean areQuiet() {
        for (PendingCommand one : bySlot) {
            if (one != null && one.overdueAt != AdminQueue.NEVER) {
                return false;
            }
        }
        return true;
    }

    /** Expects the completions of requests that a predecessor has sent, one for each slot that is taken. */
    void expect(boolean[] taken, InheritedRequests requests) {
        for (int slot = 0; slot < bySlot.length; slot++) {
            if (taken[slot]) {
                requests.add();
                bySlot[slot] = new PendingCommand(
                        "Asynchronous Event Request", null, 0, requests::completed, AdminQueue.NEVER);
            }
        }
    }
}
