package org.busbar.itest.felix.driver;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.pci.PciDeviceContext;

/**
 * Takes all that there is and gives nothing back: a service, two threads (one does not heed its first interrupts), memory,
 * registers, an interrupt, resources of which one cannot be closed.
 */
public final class Leaking extends TestDriver {

    private static final int HEEDED_INTERRUPT = 3;

    @Override
    protected DriverBinding take(PciDeviceContext context) throws ProbeException {
        try {
            context.publish(Supplier.class, () -> "leaked", Map.of("leaked", true));
            context.executor().execute(() -> idle(context, 1));
            context.executor().execute(() -> idle(context, HEEDED_INTERRUPT));
            context.dma().allocate(1 << 16).memory().fill((byte) 1);
            context.bar(0).read32(0);
            context.interrupts().enable(1, vector -> record("interrupt", context));
            context.own("first", () -> record("closed first", context));
            context.own("stubborn", () -> {
                throw new IOException("does not close");
            });
            context.own("last", () -> record("closed last", context));
        } catch (IOException e) {
            throw new ProbeException("no resources to leak", e);
        }
        return new Binding(context);
    }

    private void idle(PciDeviceContext context, int interrupts) {
        CountDownLatch never = new CountDownLatch(1);
        for (int heard = 0; heard < interrupts;) {
            try {
                never.await();
            } catch (InterruptedException e) {
                heard++;
                record("interrupted", context);
            }
            if (context.isRevoked() && heard > 0) {
                break;
            }
        }
        record("thread ended", context);
    }
}
