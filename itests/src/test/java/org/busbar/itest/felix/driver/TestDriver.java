package org.busbar.itest.felix.driver;

import org.busbar.device.Deadline;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/** A driver that writes down what happens to it, and does what it should. The evil ones extend it. */
public class TestDriver implements PciDriver {

    private final Bundle bundle = FrameworkUtil.getBundle(getClass());
    private final String name = bundle.getHeaders("").get(TestActivator.NAME);
    private final String version = bundle.getVersion().toString();

    protected final Ledger ledger() {
        return Ledger.of(name);
    }

    protected final String name() {
        return name;
    }

    protected final Bundle bundle() {
        return bundle;
    }

    protected final void record(String what, PciDeviceContext context) {
        ledger().record(what + " " + context.id().address() + " v" + version);
    }

    @Override
    public final DriverBinding probe(PciDeviceContext context) throws ProbeException, InterruptedException {
        record("probe", context);
        return take(context);
    }

    /** The probe itself. */
    protected DriverBinding take(PciDeviceContext context) throws ProbeException, InterruptedException {
        return new Binding(context);
    }

    /** A binding that writes down how it ends. */
    protected class Binding implements DriverBinding {

        private final PciDeviceContext context;

        protected Binding(PciDeviceContext context) {
            this.context = context;
        }

        protected final PciDeviceContext context() {
            return context;
        }

        @Override
        public void quiesce(Deadline deadline) throws Exception {
            record("quiesce", context);
        }

        @Override
        public void close(RemovalReason reason) throws Exception {
            record("close " + reason, context);
        }
    }
}
