package org.busbar.device.bus;

import java.util.List;
import java.util.Optional;
import org.busbar.device.DeviceContext;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.framework.ServiceReference;

/** A driver as its bus presents it to the core. All methods but {@link #probe} are quick, never block, and run no driver code. */
@ConsumerType
public interface BusDriver {

    /** Returns its name, unique among the drivers of one bundle, stable over updates of the bundle. */
    String name();

    /** Returns the driver's service, for its ranking, its service id and its bundle. */
    ServiceReference<?> reference();

    /** Returns the texts of the keys that it matches; always the same. */
    List<String> keys();

    /**
     * Returns what is wrong with the driver's registration, in words that show how to put it right, or nothing. A driver
     * with a problem is listed with it and never probed. Always the same.
     */
    default Optional<String> problem() {
        return Optional.empty();
    }

    /**
     * Has the driver probe a device. Called on a thread of the device's own, which is interrupted when the probe
     * deadline passes.
     *
     * @param context the grant; the bus wraps it in its own context type
     * @return the binding, never null
     * @throws ProbeException if the driver declines, defers or fails
     * @throws InterruptedException if the thread was interrupted
     */
    DriverBinding probe(BusDevice device, DeviceContext context) throws ProbeException, InterruptedException;

    /**
     * Has the driver probe a device that its predecessor has handed over. If the driver cannot make use of what is kept it is
     * released, and the driver probes the device from the start.
     *
     * @param kept what is kept; the core releases it if this does not take it over
     * @throws ProbeException if the driver declines, defers or fails
     * @throws InterruptedException if the thread was interrupted
     */
    default DriverBinding adopt(BusDevice device, DeviceContext context, Kept kept)
            throws ProbeException, InterruptedException {
        kept.release(!context.isRevoked());
        return probe(device, context);
    }
}
