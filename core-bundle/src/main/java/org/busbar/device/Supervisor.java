package org.busbar.device;

import java.time.Duration;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.framework.ServiceReference;

/**
 * Takes reports of those who use what drivers offer: that a driver has thrown, or does not answer. An OSGi service of the
 * core. It takes the device from that driver, has it reset, and has it probed again with back-off; a driver that fails too
 * often in too short a time is quarantined for the device. Thread-safe.
 *
 * <p>A driver that notices by itself that it cannot go on says so with {@link DeviceContext#fail}.
 */
@ProviderType
public interface Supervisor {

    /**
     * Returns how long a request may be with its driver until the driver counts as hung: the deadline of a request, several
     * times over. It may change with the configuration of the core.
     */
    Duration patience();

    /**
     * Reports that the driver behind a service does not do what it should. Held against the very binding that has offered
     * the service, and nobody else: if that has ended already nothing happens, whoever has the device now. What is in flight
     * with the driver fails at once; its binding ends as after a missed deadline. Returns at once.
     *
     * @param offered the service that was used
     * @param what what has happened, in words fit for the end of a sentence
     */
    void report(ServiceReference<?> offered, String what);
}
