package org.busbar.itest.felix.driver;

import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.pci.PciDeviceContext;

/** Says when its probe is under way, and goes on when the test opens the gate or the device is gone. */
public final class Gated extends TestDriver {

    /** Gate of the test's. */
    public static final String GO_ON = "go on";

    @Override
    protected DriverBinding take(PciDeviceContext context) throws ProbeException, InterruptedException {
        context.onRevoked(() -> {
            record("revoked", context);
            ledger().gate(GO_ON).countDown();
        });
        ledger().gate(GO_ON).await();
        if (context.isRevoked()) {
            throw new ProbeException("gone in mid-probe");
        }
        return new Binding(context);
    }
}
