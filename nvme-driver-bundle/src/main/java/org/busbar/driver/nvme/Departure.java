package org.busbar.driver.nvme;

import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceId;
import org.jspecify.annotations.Nullable;

/** Whose commands a queue takes while it is being left to a successor. Not thread-safe. */
final class Departure {

    private @Nullable Thread reservedFor;
    private boolean over;

    /** From here on only the calling thread's commands are taken. */
    void reserve() {
        reservedFor = Thread.currentThread();
    }

    /** From here on nobody touches the queue. */
    void end() {
        over = true;
    }

    /** Whether nobody is to touch the queue any more. */
    boolean isOver() {
        return over;
    }

    /** Whether the calling thread's commands are taken. */
    boolean admits() {
        return !over && (reservedFor == null || reservedFor.equals(Thread.currentThread()));
    }

    /** Throws if somebody waits for a command that is not taken; one that nobody waits for just finds no room. */
    void check(PendingCommand command, DeviceId device) {
        if (!admits() && command.listener == null) {
            throw new DeviceGoneException(device + " is being handed over");
        }
    }
}
