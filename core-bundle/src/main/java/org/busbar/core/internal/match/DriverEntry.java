package org.busbar.core.internal.match;

import java.util.List;
import java.util.Optional;
import org.busbar.device.bus.BusDriver;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/** What is known of a driver's registration, read once when it arrives. */
public record DriverEntry(
        BusDriver driver,
        String name,
        Identity identity,
        String version,
        long serviceId,
        int ranking,
        List<String> keys,
        String problem) {

    /** What stays the same when a driver's bundle is updated. */
    public record Identity(String bundle, String driver) {}

    /** Reads a driver's registration. */
    public static DriverEntry of(BusDriver driver) {
        ServiceReference<?> reference = driver.reference();
        Bundle bundle = reference.getBundle();
        List<String> keys = driver.keys().stream().distinct().toList();
        Optional<String> problem = driver.problem();
        return new DriverEntry(
                driver,
                driver.name(),
                new Identity(bundle == null ? "" : String.valueOf(bundle.getSymbolicName()), driver.name()),
                bundle == null ? "" : String.valueOf(bundle.getVersion()),
                serviceId(reference),
                reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0,
                keys,
                problem.orElse(keys.isEmpty() ? "it lists no keys, so it matches nothing" : ""));
    }

    /** Returns the id of a driver's service. */
    public static long serviceId(ServiceReference<?> reference) {
        return reference.getProperty(Constants.SERVICE_ID) instanceof Long id ? id : -1L;
    }

    /** Two registrations are the same if they are the same service. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DriverEntry entry && entry.serviceId == serviceId;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(serviceId);
    }

    @Override
    public String toString() {
        return name + " (service " + serviceId + ")";
    }
}
