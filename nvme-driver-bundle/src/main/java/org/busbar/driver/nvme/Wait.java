package org.busbar.driver.nvme;

import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceTimeoutException;

/** A way to wait for a condition. */
@FunctionalInterface
interface Wait {

    void await(String what, BooleanSupplier condition, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException;

    /** As the context waits, but that an interrupt ends nothing: the thread is interrupted after it. */
    static Wait whole(DeviceContext context) {
        return (what, condition, deadline) -> {
            boolean interrupted = Thread.interrupted();
            boolean done = false;
            try {
                while (!done) {
                    try {
                        context.await(what, condition, deadline);
                        done = true;
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }
}
