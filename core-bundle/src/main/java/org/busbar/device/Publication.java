package org.busbar.device;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** A service that a driver has published through its context. Thread-safe. */
@ProviderType
public interface Publication extends AutoCloseable {

    /** Replaces the properties that the driver gave; those that name the device stay. Ignored once withdrawn. */
    void update(Map<String, ?> properties);

    /** Withdraws the service. Repeated calls do nothing. */
    @Override
    void close();
}
