package org.busbar.itest.felix.driver;

import java.util.concurrent.CountDownLatch;
import org.busbar.device.DriverBinding;
import org.busbar.pci.PciDeviceContext;

/** Goes on working after its end, on a thread that core does not know, until the test opens {@link Hanging#GATE}. */
public final class Straggling extends TestDriver {

    @Override
    protected DriverBinding take(PciDeviceContext context) {
        Thread.ofPlatform().daemon().name("straggler").start(this::work);
        return new Binding(context);
    }

    private void work() {
        CountDownLatch gate = ledger().gate(Hanging.GATE);
        while (gate.getCount() > 0) {
            Thread.onSpinWait();
        }
    }
}
