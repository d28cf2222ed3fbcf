package org.busbar.pci.internal.vfio;

import java.lang.foreign.Arena;
import org.busbar.device.Deadline;

/** Closes shared arenas, whoever may be using them. */
public final class Arenas {

    private Arenas() {}

    /**
     * Closes an arena; accesses by other threads have ended, or fail, when this returns. A system call that has been given a
     * segment of it keeps it open until it returns: calls that end before the deadline are waited for.
     *
     * @return false if it had to stay open
     */
    public static boolean close(Arena arena, Deadline deadline) {
        while (arena.scope().isAlive()) {
            try {
                arena.close();
            } catch (IllegalStateException e) {
                // In use by a system call, or closed by somebody else this moment. There is nothing to wait on for either.
                if (deadline.expired()) {
                    return !arena.scope().isAlive();
                }
                Thread.onSpinWait();
            }
        }
        return true;
    }
}
