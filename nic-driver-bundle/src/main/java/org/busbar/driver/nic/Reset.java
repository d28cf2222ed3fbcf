package org.busbar.driver.nic;

import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceTimeoutException;

/** A reset of the controller by CTRL.RST (82574 datasheet, sections 4.2 and 4.6.3). */
final class Reset {

    /** Longer than the NVM takes to be read again. */
    static final long MILLIS = 1_000;

    /** Accesses that the controller has begun end within this time. */
    private static final long MASTER_DISABLE_MILLIS = 100;

    /** How long registers must be left alone after CTRL.RST. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private Reset() {}

    /** Ends all DMA, then resets. Registers have their initial values afterwards. */
    static void run(DeviceContext context, Registers registers, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        registers.disableMaster();
        context.await(
                "the controller to end its accesses to memory (STATUS.GIO_MASTER_ENABLE = 0)",
                registers::masterDisabled,
                Deadline.afterMillis(MASTER_DISABLE_MILLIS).orEarlier(deadline));
        registers.reset();
        long start = System.nanoTime();
        context.await(
                "the controller to reset (CTRL.RST = 0, EECD.AUTO_RD = 1)",
                () -> System.nanoTime() - start >= QUIET_NANOS && registers.resetDone(),
                deadline);
    }
}
