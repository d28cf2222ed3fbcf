package org.busbar.itest.felix.driver;

import java.util.concurrent.CountDownLatch;
import org.busbar.device.Deadline;
import org.busbar.device.DriverBinding;
import org.busbar.device.RemovalReason;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.pci.PciDeviceContext;

/** Drivers that do not come back. All let go when the test opens their ledger's gate {@link #GATE}. */
public final class Hanging {

    /** Gate at which all of them are held. */
    public static final String GATE = "let go";

    private Hanging() {}

    private static void spin(Ledger ledger) {
        CountDownLatch gate = ledger.gate(GATE);
        while (gate.getCount() > 0) {
            Thread.onSpinWait();
        }
    }

    /** Waits in its probe, and heeds interrupts. */
    public static class InProbe extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) throws InterruptedException {
            ledger().gate(GATE).await();
            return new Binding(context);
        }
    }

    /** Spins in its probe, and heeds nothing. */
    public static class SpinInProbe extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) {
            spin(ledger());
            return new Binding(context);
        }
    }

    /** Waits when it is to come to rest. */
    public static class InQuiesce extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) {
            return new Waiting(context);
        }

        private final class Waiting extends Binding {
            Waiting(PciDeviceContext context) {
                super(context);
            }

            @Override
            public void quiesce(Deadline deadline) throws Exception {
                super.quiesce(deadline);
                ledger().gate(GATE).await();
            }
        }
    }

    /** Spins when it is to come to rest and when it is to give up, and heeds nothing. */
    public static class SpinInClose extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) {
            return new Spinning(context);
        }

        private final class Spinning extends Binding {
            Spinning(PciDeviceContext context) {
                super(context);
            }

            @Override
            public void close(RemovalReason reason) throws Exception {
                super.close(reason);
                spin(ledger());
            }
        }
    }
}
