package org.busbar.pci.internal.linux;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.busbar.device.Deadline;

/** Waits for threads and tasks to end, without losing an interrupt of the waiting thread. */
final class Joiner {

    private Joiner() {}

    /** Waits at most {@code timeout}; returns whether the thread has ended. */
    static boolean join(Thread thread, Duration timeout) {
        return await(thread::join, timeout);
    }

    /** Waits at most {@code timeout}; returns whether the task has ended, in whichever way. */
    static boolean await(CompletableFuture<?> task, Duration timeout) {
        CompletableFuture<Boolean> ended = task.handle((result, failure) -> true);
        return await(left -> {
            try {
                return ended.get(left.toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException | TimeoutException e) {
                return false;
            }
        }, timeout);
    }

    @FunctionalInterface
    private interface Wait {
        boolean run(Duration left) throws InterruptedException;
    }

    private static boolean await(Wait wait, Duration timeout) {
        Deadline deadline = Deadline.after(timeout);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return wait.run(deadline.remaining());
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
