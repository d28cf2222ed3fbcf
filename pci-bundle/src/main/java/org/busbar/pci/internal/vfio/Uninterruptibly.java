package org.busbar.pci.internal.vfio;

import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;

/**
 * Waits that an interrupt does not end, because half a removal is worse than a late one: their deadline does. The interrupt
 * stays pending.
 */
public final class Uninterruptibly {

    private Uninterruptibly() {}

    /** Something that waits. */
    @FunctionalInterface
    public interface Wait {

        /** Waits for at most so many nanoseconds; returns whether what was waited for has come. */
        boolean await(long nanos) throws InterruptedException;
    }

    /** Waits until the deadline at most; returns whether what was waited for has come. */
    public static boolean await(Deadline deadline, Wait wait) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return wait.await(deadline.remaining(TimeUnit.NANOSECONDS));
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
