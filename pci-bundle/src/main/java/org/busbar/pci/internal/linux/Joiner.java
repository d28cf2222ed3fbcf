package org.busbar.pci.internal.linux;

import java.time.Duration;
import org.busbar.device.Deadline;

/** Waits for threads to end, without losing an interrupt of the waiting thread. */
final class Joiner {

    private Joiner() {}

    /** Waits at most {@code timeout}; returns whether the thread has ended. */
    static boolean join(Thread thread, Duration timeout) {
        Deadline deadline = Deadline.after(timeout);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return thread.join(deadline.remaining());
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
