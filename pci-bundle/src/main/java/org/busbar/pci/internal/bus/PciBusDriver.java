package org.busbar.pci.internal.bus;

import java.util.List;
import java.util.Optional;
import org.busbar.device.DeviceContext;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.bus.BusDriver;
import org.busbar.device.bus.Kept;
import org.busbar.pci.PciDriver;
import org.busbar.pci.internal.context.KeptFunction;
import org.busbar.pci.internal.context.PciGrant;
import org.busbar.pci.internal.context.Succession;
import org.busbar.pci.internal.match.MatchRules;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceObjects;
import org.osgi.framework.ServiceReference;

/**
 * A driver's service, as far as it can be known without getting it. Only a probe gets it, and each binding holds it until
 * all of the binding is released: a component that is instantiated on demand lives as long as it drives something.
 */
final class PciBusDriver implements BusDriver {

    private final BundleContext context;
    private final Bus bus;
    private final ServiceReference<PciDriver> reference;
    private final String name;
    private final MatchRules rules;
    private final int ranking;

    PciBusDriver(BundleContext context, Bus bus, ServiceReference<PciDriver> reference) {
        this.context = context;
        this.bus = bus;
        this.reference = reference;
        name = nameOf(reference);
        rules = MatchRules.of(reference);
        ranking = reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer number ? number : 0;
    }

    private static String nameOf(ServiceReference<PciDriver> reference) {
        if (reference.getProperty(PciDriver.NAME) instanceof String text && !text.isBlank()) {
            return text;
        }
        Bundle bundle = reference.getBundle();
        return bundle == null ? "unregistered" : String.valueOf(bundle.getSymbolicName());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public ServiceReference<PciDriver> reference() {
        return reference;
    }

    @Override
    public List<String> keys() {
        return rules.keys();
    }

    @Override
    public Optional<String> problem() {
        return rules.problem();
    }

    /** Returns whether another one, made of newer properties, would match and win just the same under the same name. */
    boolean isSameAs(PciBusDriver other) {
        return name.equals(other.name) && rules.equals(other.rules) && ranking == other.ranking;
    }

    @Override
    public DriverBinding probe(BusDevice device, DeviceContext grant) throws ProbeException, InterruptedException {
        return probe(get(grant), (PciFunction) device, grant);
    }

    private DriverBinding probe(PciDriver driver, PciFunction function, DeviceContext grant)
            throws ProbeException, InterruptedException {
        // Ended by the release if the function was opened, even if it was revoked meanwhile, and here otherwise.
        Runnable grantEnds = function.beginGrant();
        boolean open = false;
        PciGrant opened;
        try {
            opened = PciGrant.open(function, grant, () -> bus.open(function),
                    () -> function.attachedHost().scanner().lookAgain(function.address()), grantEnds);
            open = true;
        } finally {
            if (!open) {
                grantEnds.run();
            }
        }
        @Nullable
        DriverBinding binding = driver.probe(opened);
        if (binding == null) {
            throw new ProbeException("driver " + name + " returned null from probe; it has to return a binding");
        }
        return binding;
    }

    @Override
    public DriverBinding adopt(BusDevice device, DeviceContext grant, Kept kept)
            throws ProbeException, InterruptedException {
        PciDriver driver = get(grant);
        return Succession.probe(
                driver, (KeptFunction) kept, grant, () -> probe(driver, (PciFunction) device, grant));
    }

    /** Gets the service for one binding, so that a driver of prototype scope is instantiated for each. */
    private PciDriver get(DeviceContext grant) throws ProbeException {
        ServiceObjects<PciDriver> objects = context.getServiceObjects(reference);
        PciDriver driver = objects == null ? null : objects.getService();
        if (driver == null) {
            throw new ProbeException("driver " + name + " could not be activated: its service gave no object; the log"
                    + " has what its constructor or activate method threw");
        }
        grant.own("service of driver " + name, () -> objects.ungetService(driver));
        return driver;
    }
}
