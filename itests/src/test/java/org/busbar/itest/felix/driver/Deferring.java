package org.busbar.itest.felix.driver;

import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeDeferredException;
import org.busbar.device.ProbeException;
import org.busbar.pci.PciDeviceContext;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;

/** Cannot drive anything until a service is there. */
public final class Deferring extends TestDriver {

    /** What it waits for. */
    public static final String FILTER = "(firmware=blue)";

    @Override
    protected DriverBinding take(PciDeviceContext context) throws ProbeException {
        BundleContext bundle = bundle().getBundleContext();
        try {
            if (bundle.getAllServiceReferences(null, FILTER) == null) {
                throw new ProbeDeferredException("its firmware", FILTER);
            }
        } catch (InvalidSyntaxException e) {
            throw new ProbeException(FILTER, e);
        }
        return new Binding(context);
    }
}
