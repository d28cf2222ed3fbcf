package org.busbar.driver.nvme;

import java.time.Duration;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceTimeoutException;

/**
 * Brings a controller to rest in order (NVMe Base 1.4, section 7.6.2), so that it saves what it has cached and does not
 * count an unsafe shutdown.
 *
 * <pre>
 *   CC.SHN = 01b --RTD3E--> CSTS.SHST = 10b --> CC.EN = 0 --CAP.TO--> CSTS.RDY = 0
 * </pre>
 *
 * One that has failed (CSTS.CFS) is only disabled. Until CSTS.RDY is 0 the controller may still access memory (3.1.5).
 */
final class Shutdown {

    /** How long a shutdown may take if the controller does not say. */
    private static final Duration UNREPORTED = Duration.ofSeconds(2);
    /** RTD3E may claim over an hour; the core gives a close a few seconds. */
    private static final Duration LONGEST = Duration.ofSeconds(4);

    private static final Duration LONGEST_STOP = Duration.ofSeconds(2);

    private final DeviceContext context;
    private final Registers registers;
    private final Quirks quirks;
    private final Duration patience;

    /** @param reported RTD3E, zero if the controller does not say */
    Shutdown(DeviceContext context, Registers registers, Quirks quirks, Duration reported) {
        this.context = context;
        this.registers = registers;
        this.quirks = quirks;
        this.patience = earlier(reported.isZero() ? UNREPORTED : reported, LONGEST);
    }

    void run() throws DeviceTimeoutException, InterruptedException {
        try {
            if (!registers.failed()) {
                notifyAndWait();
            }
        } finally {
            registers.disable();
        }
        Duration stop = earlier(Duration.ofMillis(registers.timeoutMillis()), LONGEST_STOP);
        context.await("the controller to stop (CSTS.RDY = 0)", () -> !registers.ready(), Deadline.after(stop));
    }

    private void notifyAndWait() throws DeviceTimeoutException, InterruptedException {
        registers.notifyShutdown();
        if (!quirks.has(Quirks.Quirk.NO_SHUTDOWN_STATUS)) {
            context.await(
                    "the controller to shut down (CSTS.SHST = 10b)",
                    registers::shutdownComplete,
                    Deadline.after(patience));
        }
    }

    private static Duration earlier(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
