package org.busbar.pci.internal.context;

import org.busbar.device.DeviceContext;
import org.busbar.device.DriverBinding;
import org.busbar.device.HandoverDeclinedException;
import org.busbar.device.ProbeException;
import org.busbar.pci.PciDriver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has a driver go on with a function that was kept for it or, if it cannot, start afresh. */
public final class Succession {

    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);

    private Succession() {}

    /** Opens the function and has the driver probe it. */
    @FunctionalInterface
    public interface FreshStart {
        DriverBinding probe() throws ProbeException, InterruptedException;
    }

    /**
     * Has a driver probe a function that was kept.
     *
     * @param afresh the way to start with the function from the beginning, once nothing is kept of it any more
     */
    public static DriverBinding probe(PciDriver driver, KeptFunction kept, DeviceContext context, FreshStart afresh)
            throws ProbeException, InterruptedException {
        if (!driver.adopts(kept.state().format(), kept.state().version())) {
            LOG.info("{}: its driver does not know what was handed over ({}), the device is reset",
                    context.id(), kept.state());
            kept.release(!context.isRevoked());
            return afresh.probe();
        }
        PciGrant grant = PciGrant.adopt(kept, context);
        try {
            @Nullable
            DriverBinding binding = driver.probe(grant);
            if (binding == null) {
                throw new ProbeException("the driver returned null from probe; it has to return a binding");
            }
            grant.probed();
            return binding;
        } catch (HandoverDeclinedException declined) {
            LOG.warn("{}: its driver cannot go on with what was handed over, the device is reset: {}",
                    context.id(), declined.getMessage());
            startOver(grant);
        }
        return afresh.probe();
    }

    /** What fails here shows again when the function is opened. */
    private static void startOver(PciGrant grant) {
        try {
            grant.startOver();
        } catch (IllegalStateException e) {
            LOG.warn("{}: not all that was handed over could be released", grant.id(), e);
        }
    }
}
