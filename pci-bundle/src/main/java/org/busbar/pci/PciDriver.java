package org.busbar.pci;

import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A driver for PCI functions: an OSGi service with the properties of {@link PciMatch}. It is instantiated only when a
 * device that it matches is to be probed.
 */
@ConsumerType
public interface PciDriver {

    /** Service property: the driver's name, as shown and as used in policy. Defaults to the bundle's symbolic name. */
    String NAME = "pci.driver";

    /**
     * Takes a device. The first moment at which the driver may touch it, and on return the device is driven. Called on a
     * thread of the device's own, for several devices at the same time; interrupted when the probe deadline passes.
     *
     * @param context the grant; valid until the removal of the binding is complete, or until this method throws
     * @return the binding; never null
     * @throws ProbeException if the device is not this driver's
     *     ({@link org.busbar.device.ProbeDeclinedException}), cannot be driven yet
     *     ({@link org.busbar.device.ProbeDeferredException}), or failed
     * @throws InterruptedException if the thread was interrupted
     */
    DriverBinding probe(PciDeviceContext context) throws ProbeException, InterruptedException;

    /**
     * Returns whether this driver can go on from what its predecessor, the same driver of an older or newer version, has left
     * as a {@link org.busbar.device.HandoverBinding}. If so, {@link PciDeviceContext#inherited} has it in the probe that
     * follows; if not, the device is reset before that. Quick; looks at nothing but its arguments.
     *
     * @param format name of the format of the state
     * @param version its version
     */
    default boolean adopts(String format, int version) {
        return false;
    }
}
