package org.busbar.pci.internal.bus;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;

/** Waits for futures, never longer than a deadline. */
final class Waits {

    private Waits() {}

    /**
     * Waits for a result.
     *
     * @param what what is waited for, in words that complete "timed out waiting for ..."
     * @throws ExecutionException if it failed
     */
    static <T> T result(CompletableFuture<T> future, String what, Deadline deadline)
            throws ExecutionException, DeviceTimeoutException, InterruptedException {
        try {
            return future.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            DeviceTimeoutException timeout = new DeviceTimeoutException("timed out waiting for " + what);
            timeout.initCause(e);
            throw timeout;
        }
    }

    /** Waits for something that fails only by a defect. */
    static <T> T on(CompletableFuture<T> future, String what, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        try {
            return result(future, what, deadline);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(what + " failed: " + e.getCause(), e);
            }
        }
    }
}
