package org.busbar.core.internal.engine;

import java.util.function.Consumer;
import org.busbar.core.internal.policy.Deadlines;
import org.busbar.core.internal.scope.Grant;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.bus.BusDriver;
import org.busbar.device.bus.Kept;
import org.jspecify.annotations.Nullable;

/**
 * The first step of a tenure, in which a driver probes its device.
 *
 * @param driver the driver
 * @param presence its device
 * @param grant what it is given
 * @param inherited what its predecessor has left, null if it starts afresh
 * @param calls takes what it throws when nobody waits any more
 */
record ProbeStep(BusDriver driver, Presence presence, Grant grant, @Nullable Kept inherited, DriverCalls calls) {

    /** What a probe has come to: a binding, a failure, both, or neither if it was given up on. */
    record Probed(@Nullable DriverBinding binding, @Nullable Throwable failure) {}

    /**
     * Starts the step.
     *
     * @param then told what has come of it
     * @param overdue told where the driver is when it misses its deadline
     */
    Step<?> start(
            Environment env,
            String threadName,
            long service,
            Deadlines deadlines,
            Consumer<Probed> then,
            Consumer<StackTraceElement[]> overdue) {
        return Step.start(
                env,
                threadName,
                service,
                deadlines.probe(),
                deadlines.grace(),
                wanted -> probe(),
                new Step.Outcomes<>(then, overdue, () -> then.accept(new Probed(null, null)), this::late));
    }

    private Probed probe() {
        DriverBinding result = null;
        try {
            BusDevice device = presence.device();
            result = inherited == null ? driver.probe(device, grant) : driver.adopt(device, grant, inherited);
            if (result == null) {
                return new Probed(null, new ProbeException("the driver returned null instead of a binding"));
            }
            grant.commit();
            return new Probed(result, null);
        } catch (Throwable thrown) { // a driver may throw anything, a missing class included: it fails this probe only
            return new Probed(result, Plain.of(thrown));
        }
    }

    /** A probe that was given up on has come back: nobody wants the binding, but it has to be closed. */
    private void late(Probed late) {
        DriverBinding unwanted = late.binding();
        if (unwanted != null) {
            RemovalReason why = presence.isGone() ? RemovalReason.SURPRISE : RemovalReason.FAILURE;
            calls.call("closing a binding that came too late", () -> unwanted.close(why));
        }
    }
}
