package org.busbar.driver.nic;

import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceTimeoutException;

/**
 * A reset of the controller by CTRL.RST (82574 datasheet, sections 4.2 and 4.6.3; SDM 13.4.1 and 14.3). It needs nothing of the
 * bus, so it serves the 8254x too, which have no function-level reset.
 */
final class Reset {

    /** Longer than the NVM takes to be read again. */
    static final long MILLIS = 1_000;

    /** Accesses that the controller has begun end within this time. */
    private static final long MASTER_DISABLE_MILLIS = 100;

    /** How long registers must be left alone after CTRL.RST. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** How long the 8254x, which do not tell, take to read their NVM again. */
    private static final long NVM_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private Reset() {}

    /** Ends all DMA, then resets. Registers have their initial values afterwards. */
    static void run(DeviceContext context, Registers registers, Family family, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        ControlRegisters control = registers.control();
        if (family.express()) {
            control.disableMaster();
            context.await(
                    "the controller to end its accesses to memory (STATUS.GIO_MASTER_ENABLE = 0)",
                    control::masterDisabled,
                    Deadline.afterMillis(MASTER_DISABLE_MILLIS).orEarlier(deadline));
        }
        control.dividePacketBuffer();
        control.reset();
        long start = System.nanoTime();
        long quiet = family.express() ? QUIET_NANOS : NVM_NANOS;
        context.await(
                "the controller to reset (CTRL.RST = 0" + (family.express() ? ", EECD.AUTO_RD = 1)" : ")"),
                () -> System.nanoTime() - start >= quiet && control.resetDone(),
                deadline);
        registers.interrupts().maskAll();
        registers.receive().clear();
    }
}
