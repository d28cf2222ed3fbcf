package org.busbar.device.bus;

import org.osgi.annotation.versioning.ProviderType;

/** The driver core, an OSGi service that buses use. Thread-safe. */
@ProviderType
public interface DriverCore {

    /**
     * Opens a session for a bus. From here on the core keeps the bindings of that bus as devices, drivers and policy say.
     *
     * @param busName the name of the bus, as in {@link org.busbar.device.DeviceId#bus}
     * @throws IllegalStateException if a bus of that name has a session already
     */
    BusSession open(String busName);
}
