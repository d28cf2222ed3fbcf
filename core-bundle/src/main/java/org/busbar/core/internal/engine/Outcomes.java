package org.busbar.core.internal.engine;

import org.busbar.core.internal.match.DriverEntry;
import org.busbar.core.internal.scope.Leak;
import org.busbar.device.DeviceEvent.Kind;
import org.busbar.device.DeviceState;
import org.busbar.device.ProbeDeclinedException;
import org.busbar.device.ProbeDeferredException;
import org.busbar.device.RemovalReason;
import org.busbar.device.bus.Kept;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What follows from the turns that tenures take: states, events, and what is known of the pair afterwards. */
final class Outcomes implements TenureOwner {

    private static final Logger LOG = LoggerFactory.getLogger(Outcomes.class);

    private final BusState bus;
    private final Reconciler reconciler;
    private final Deferrals deferrals;
    private final Failures failures;

    Outcomes(BusState bus, Reconciler reconciler, Deferrals deferrals, Failures failures) {
        this.bus = bus;
        this.reconciler = reconciler;
        this.deferrals = deferrals;
        this.failures = failures;
    }

    @Override
    public void bound(Tenure tenure) {
        DeviceRecord device = tenure.device();
        bus.busy--;
        bus.bindings++;
        tenure.pair().state(new PairState.Fresh());
        deferrals.end(tenure.pair());
        reconciler.show(device, DeviceState.BOUND, "driven by " + tenure.pair().name());
        bus.event(Kind.BOUND, device.id(), tenure.pair().name(),
                tenure.hasAdopted() ? "bound, goes on where its predecessor stopped" : "bound");
        LOG.info("{} is driven by {}", device.id(), tenure.pair().name());
        deferrals.bound(device);
        bus.touch(device);
    }

    @Override
    public void probeFailed(Tenure tenure, Throwable failure) {
        DeviceRecord device = tenure.device();
        Pair pair = tenure.pair();
        String why = Failures.message(failure);
        switch (failure) {
            case ProbeDeclinedException declined -> {
                pair.state(new PairState.Declined(why));
                deferrals.end(pair);
                bus.event(Kind.PROBE_DECLINED, device.id(), pair.name(), why);
            }
            case ProbeDeferredException deferred -> {
                deferrals.deferred(tenure, deferred, why);
                bus.event(Kind.PROBE_DEFERRED, device.id(), pair.name(), "waits for " + why);
            }
            default -> {
                String next = failures.failed(device, pair, pair.state().failures() + 1, why);
                bus.event(Kind.PROBE_FAILED, device.id(), pair.name(), why + " (" + next + ")");
                LOG.warn("{} could not be probed by {} ({})", device.id(), pair.name(), next, failure);
            }
        }
        device.endReplacement(pair);
        reconciler.bindFailed(device, pair.name(), failure);
    }

    @Override
    public void removing(Tenure tenure) {
        DeviceRecord device = tenure.device();
        if (tenure.phase() == Tenure.Phase.BOUND) {
            bus.busy++;
        }
        reconciler.show(device, DeviceState.REMOVING, tenure.reasonText());
        bus.event(Kind.REMOVE_STARTED, device.id(), tenure.pair().name(), tenure.reasonText());
    }

    /**
     * To a driver that is there already; and on a bundle's stop nobody knows whether it will be back: so for every driver that
     * leaves, unless all of them do.
     */
    @Override
    public boolean mayHandOver(Tenure tenure) {
        DeviceRecord device = tenure.device();
        boolean awaited = switch (tenure.reason().orElse(RemovalReason.FAILURE)) {
            case DRIVER_LEFT -> device.grace != null;
            case REBIND -> device.choice instanceof Choice.Replaced;
            default -> false;
        };
        return awaited
                && bus.policy.keepsDevices()
                && !bus.closing
                && !bus.env.services().isStopping();
    }

    @Override
    public void stuck(Tenure tenure, String doing, String stack) {
        DeviceRecord device = tenure.device();
        String driver = tenure.pair().name();
        bus.event(Kind.STUCK, device.id(), driver, doing + " has missed its deadline, the driver is at" + stack);
        LOG.error("{} by {} of {} has missed its deadline, the driver is at{}", doing, driver, device.id(), stack);
        failures.stuck(device, tenure.pair(), doing + " missed its deadline");
    }

    @Override
    public void leaked(Tenure tenure, Leak leak) {
        bus.event(
                Kind.LEAK,
                tenure.device().id(),
                tenure.pair().name(),
                "thread " + leak.thread() + " has outlived its binding, it is at" + leak.stack());
        LOG.error(
                "thread {} of {} has outlived its binding to {}, it is at{}",
                leak.thread(),
                tenure.pair().name(),
                tenure.device().id(),
                leak.stack());
    }

    @Override
    public void ended(Tenure tenure) {
        DeviceRecord device = tenure.device();
        bus.busy--;
        device.tenure = null;
        device.asked = false; // giving it up may have changed what its host says
        device.presence.release();
        if (tenure.wasBound()) {
            if (tenure.reason().orElse(RemovalReason.FAILURE) == RemovalReason.FAILURE) {
                int count = tenure.failuresAfterBinding(bus.policy.maxRetryDelay());
                failures.failed(device, tenure.pair(), count, tenure.reasonText());
            }
            bus.event(Kind.UNBOUND, device.id(), tenure.pair().name(), tenure.reasonText());
            LOG.info("{} was given up by {}: {}", device.id(), tenure.pair().name(), tenure.reasonText());
        }
        tenure.driver().tenures.remove(tenure);
        Kept kept = tenure.kept();
        if (kept == null) {
            reconciler.freed(device);
        } else {
            keep(tenure, kept);
        }
        tenure.driver().checkIdle();
    }

    /** The time for which it is kept begins now; without a grace it is released at once. */
    private void keep(Tenure tenure, Kept kept) {
        DeviceRecord device = tenure.device();
        DriverEntry.Identity from = tenure.driver().entry.identity();
        device.keeping = new Keeping(bus.env, device.presence, from, kept);
        boolean awaited = device.grace != null || device.choice instanceof Choice.Replaced;
        boolean wanted = awaited && tenure.hasEndedWell();
        device.grace = wanted ? new Grace(from, bus.now() + bus.policy.updateGrace().toNanos()) : null;
        bus.touch(device);
    }

    @Override
    public void failed(Tenure tenure, Throwable cause) {
        LOG.warn("{} cannot go on with {}", tenure.pair().name(), tenure.device().id(), cause);
        bus.env.worker().post(() -> {
            tenure.fail(Failures.message(cause));
            bus.touch(tenure.device());
        });
    }

    @Override
    public void suspectGone(Tenure tenure, String why) {
        bus.event(Kind.SCAN_PROBLEM, tenure.device().id(), tenure.pair().name(), "the device looks gone: " + why);
    }

    @Override
    public void overtaken(Tenure tenure, String what, String message) {
        LOG.info("{}: {} by {} came to nothing: {}", tenure.device().id(), what, tenure.pair().name(), message);
    }

    @Override
    public void trouble(Tenure tenure, String what, Throwable failure) {
        LOG.warn("{}: {} by {} failed", tenure.device().id(), what, tenure.pair().name(), failure);
    }
}
