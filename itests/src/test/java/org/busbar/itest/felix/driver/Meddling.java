package org.busbar.itest.felix.driver;

import java.util.concurrent.Callable;
import org.busbar.device.Deadline;
import org.busbar.device.DriverBinding;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus;
import org.busbar.pci.PciDeviceContext;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;

/** Drivers that give the bus orders from within their probe. */
public final class Meddling {

    private static final int PATIENCE_MILLIS = 300;

    private Meddling() {}

    private static Deadline patience() {
        return Deadline.afterMillis(PATIENCE_MILLIS);
    }

    /** Waits for the bus, which waits for it. */
    public static class WithBus extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) {
            BundleContext bundle = bundle().getBundleContext();
            ServiceReference<PciBus> reference = bundle.getServiceReference(PciBus.class);
            PciBus bus = bundle.getService(reference);
            PciAddress own = context.device().address();
            attempt("rescan", () -> bus.rescan(patience()));
            attempt("snapshot", bus::snapshot);
            attempt("settle", () -> {
                bus.settle(patience());
                return null;
            });
            attempt("bind", () -> {
                bus.bind(own, name(), patience());
                return null;
            });
            attempt("unbind", () -> {
                bus.unbind(own, patience());
                return null;
            });
            attempt("attach", () -> {
                bus.attach(own, patience());
                return null;
            });
            ledger().record("meddled");
            return new Binding(context);
        }

        private void attempt(String what, Callable<?> action) {
            try {
                action.call();
                ledger().record(what + ": done");
            } catch (Exception e) {
                ledger().record(what + ": " + e.getClass().getSimpleName());
            }
        }
    }

    /** Uninstalls its own bundle from within its probe. */
    public static class Suicidal extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) {
            try {
                bundle().uninstall();
                ledger().record("uninstalled");
            } catch (BundleException | IllegalStateException e) {
                ledger().record("uninstall: " + e.getClass().getSimpleName());
            }
            return new Binding(context);
        }
    }
}
