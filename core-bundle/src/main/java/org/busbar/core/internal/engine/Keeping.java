package org.busbar.core.internal.engine;

import org.busbar.core.internal.match.DriverEntry;
import org.busbar.core.internal.policy.Deadlines;
import org.busbar.core.internal.scope.Leak;
import org.busbar.device.bus.Kept;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device that its driver has handed over and that runs on without one. It ends with the next probe, to which {@link #kept} is
 * given, or is released. Belongs to the worker.
 */
final class Keeping {

    private static final Logger LOG = LoggerFactory.getLogger(Keeping.class);

    /** Marks threads as those of no driver. */
    private static final long NO_DRIVER = -1;

    private final Environment env;
    private final Presence presence;
    private final DriverEntry.Identity from;
    private final Kept kept;
    private boolean releasing;

    /** @param from the driver that has handed the device over */
    Keeping(Environment env, Presence presence, DriverEntry.Identity from, Kept kept) {
        this.env = env;
        this.presence = presence;
        this.from = from;
        this.kept = kept;
    }

    DriverEntry.Identity from() {
        return from;
    }

    Kept kept() {
        return kept;
    }

    boolean isReleasing() {
        return releasing;
    }

    Holder holder() {
        return new Holder.Kept(from, kept.text(), releasing);
    }

    /**
     * Has the device reset, and everything that is kept taken back.
     *
     * @param then run when that is done, or has missed its deadlines
     */
    void release(Deadlines deadlines, Runnable then) {
        releasing = true;
        Step.start(
                env,
                "busbar-" + presence.id().address() + "-release",
                NO_DRIVER,
                deadlines.close().multipliedBy(2),
                deadlines.grace(),
                wanted -> {
                    releaseNow();
                    return true;
                },
                new Step.Outcomes<>(
                        done -> then.run(),
                        stack -> LOG.error("{}: releasing what was kept takes too long, it is at{}",
                                presence.id(), Leak.text(stack)),
                        then,
                        late -> LOG.warn("{}: what was kept is released at last", presence.id())));
    }

    private void releaseNow() {
        try {
            kept.release(!presence.isGone());
        } catch (Throwable failure) { // the bus's code: the device is free all the same, as after any release that fails
            LOG.warn("{}: not all that was kept could be released", presence.id(), failure);
        }
    }
}
