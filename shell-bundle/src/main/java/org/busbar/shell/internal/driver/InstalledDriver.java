package org.busbar.shell.internal.driver;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.busbar.pci.PciBus;
import org.busbar.pci.PciDriver;
import org.busbar.shell.internal.Failure;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** The bundle of a driver that is installed. */
record InstalledDriver(BundleContext context, Bundle bundle) {

    /** Finds the bundle that a jar is another version of. Throws {@link Failure} if there is none, or more than one. */
    static InstalledDriver of(BundleContext context, DriverJar jar) {
        List<Bundle> all = Arrays.stream(context.getBundles())
                .filter(bundle -> jar.symbolicName().equals(bundle.getSymbolicName()))
                .toList();
        if (all.isEmpty()) {
            throw new Failure("no driver " + jar.symbolicName() + " is installed that " + jar.file().getFileName()
                    + " could replace; these are: " + names(context) + ". To add a driver, copy its jar into "
                    + Objects.requireNonNullElse(context.getProperty("busbar.drivers"), "the folder drivers/"));
        }
        if (all.size() > 1) {
            throw new Failure("there are several bundles " + jar.symbolicName() + " ("
                    + all.stream().map(b -> b.getBundleId() + ": " + b.getVersion()).collect(Collectors.joining(", "))
                    + "); uninstall all but one first (felix:uninstall ID)");
        }
        return new InstalledDriver(context, all.getFirst());
    }

    private static String names(BundleContext context) {
        String names = Arrays.stream(context.getBundles())
                .filter(bundle -> !services(context, bundle).isEmpty())
                .map(Bundle::getSymbolicName)
                .distinct()
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "none" : names;
    }

    /** Returns the drivers that it has registered. */
    Collection<ServiceReference<PciDriver>> services() {
        return services(context, bundle);
    }

    /** Returns whether it has registered drivers and the bus knows them: it may be told of a service later than others. */
    boolean isKnownTo(PciBus bus) {
        Set<Long> known = bus.snapshot().drivers.stream().map(driver -> driver.serviceId).collect(Collectors.toSet());
        Collection<ServiceReference<PciDriver>> services = services();
        return !services.isEmpty()
                && services.stream().allMatch(service -> known.contains(service.getProperty(Constants.SERVICE_ID)));
    }

    static Collection<ServiceReference<PciDriver>> services(BundleContext context, Bundle bundle) {
        try {
            return context.getServiceReferences(PciDriver.class, "(service.bundleid=" + bundle.getBundleId() + ")");
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return bundle.getSymbolicName() + " " + bundle.getVersion();
    }
}
