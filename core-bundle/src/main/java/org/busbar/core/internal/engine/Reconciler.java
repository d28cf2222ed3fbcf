package org.busbar.core.internal.engine;

import java.util.List;
import java.util.Optional;
import org.busbar.device.DeviceEvent.Kind;
import org.busbar.device.DeviceState;
import org.busbar.device.ProbeException;
import org.busbar.device.bus.Kept;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at devices that something has happened to, has it decided what to do, and starts it. Belongs to the worker. */
final class Reconciler {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    private final BusState bus;
    private final TenureOwner outcomes;
    private final Deferrals deferrals;

    Reconciler(BusState bus, Deferrals deferrals, Failures failures) {
        this.bus = bus;
        this.deferrals = deferrals;
        this.outcomes = new Outcomes(bus, this, deferrals, failures);
    }

    /** Looks at all devices that are to be looked at. */
    void run() {
        for (DeviceRecord device = bus.dirty.poll(); device != null; device = bus.dirty.poll()) {
            device.dirty = false;
            if (!device.vanished) {
                reconcile(device);
            }
        }
    }

    private void reconcile(DeviceRecord device) {
        Situation situation = situation(device);
        Action action = Decision.decide(situation, bus.policy, bus.now());
        device.cancelTimer();
        switch (action) {
            case Action.Stay stay -> stay(device, stay.state(), stay.reason(), situation);
            case Action.Wait wait -> {
                stay(device, wait.state(), wait.reason(), situation);
                device.timer = bus.env
                        .scheduler()
                        .schedule(wait.until() - bus.now(), () -> bus.env.worker().post(() -> bus.touch(device)));
            }
            case Action.Probe probe -> probe(device, probe.pair());
            case Action.Remove remove -> {
                if (device.tenure != null) {
                    device.tenure.remove(remove.reason(), remove.text());
                }
            }
            case Action.Release release -> release(device, release.text());
        }
        if (device.isFree()) {
            tellFree(device);
        }
    }

    private static void tellFree(DeviceRecord device) {
        if (!device.whenFree.isEmpty()) {
            List<Runnable> waiting = List.copyOf(device.whenFree);
            device.whenFree.clear();
            waiting.forEach(Runnable::run);
        }
    }

    private Situation situation(DeviceRecord device) {
        return new Situation(
                device.address(),
                device.presence.keys(),
                device.presence.isGone(),
                bus.closing,
                bus.departing.containsKey(device.address()),
                device.ejecting,
                device.choice,
                unavailable(device),
                device.pairs,
                device.holder(),
                Optional.ofNullable(device.grace));
    }

    /** Asks the host, but only if the answer matters and is not known. */
    private static Optional<String> unavailable(DeviceRecord device) {
        if (!device.isFree() || device.pairs.isEmpty() || device.presence.isGone()) {
            return Optional.empty();
        }
        if (!device.asked) {
            try {
                device.unavailable = device.presence.device().unavailable();
            } catch (RuntimeException failure) { // the bus's code: one device that cannot be asked is not bound
                LOG.error("cannot tell whether {} may be bound", device.id(), failure);
                device.unavailable =
                        Optional.of("its host cannot tell whether it may be bound: " + Failures.message(failure));
            }
            device.asked = true;
        }
        return device.unavailable;
    }

    private void stay(DeviceRecord device, DeviceState state, String reason, Situation situation) {
        show(device, state, reason);
        Grace grace = device.grace;
        if (grace != null && grace.until() - bus.now() <= 0) {
            device.grace = null;
        }
        BindRequest request = device.bindRequest;
        if (request == null) {
            return;
        }
        if (state == DeviceState.BOUND && device.tenure != null && request.isFor(device.tenure.pair())) {
            device.bindRequest = null;
            Notify.done(bus.env, request.result());
        } else if (state == DeviceState.BOUND) {
            bindFailed(device, request.driver(),
                    new ProbeException(device.address() + " stays with the driver that it has: " + reason));
        } else if (device.isFree() && !situation.slotHeld()) {
            bindFailed(device, request.driver(), new ProbeException(device.address() + " is not bound: " + reason));
        }
    }

    /** Tells an operator who waits for a device to be bound that it is not. */
    void bindFailed(DeviceRecord device, String driver, Throwable failure) {
        BindRequest request = device.bindRequest;
        if (request != null && request.driver().equals(driver)) {
            device.bindRequest = null;
            Notify.failed(bus.env, request.result(), failure);
        }
    }

    private void probe(DeviceRecord device, Pair pair) {
        DriverState driver = bus.drivers.get(pair.driver().serviceId());
        if (driver == null) {
            throw new IllegalStateException("the index lists a driver that is not here: " + pair);
        }
        device.grace = null;
        Kept inherited = device.keeping == null ? null : device.keeping.kept();
        device.keeping = null;
        Tenure tenure = new Tenure(
                bus.env, outcomes, device, driver, pair, inherited, bus.policy.deadlines(), bus.bindings);
        device.tenure = tenure;
        driver.tenures.add(tenure);
        device.probes++;
        bus.probes++;
        bus.busy++;
        show(device, DeviceState.PROBING, pair.name() + " probes it");
        bus.event(Kind.PROBE_STARTED, device.id(), pair.name(), "matched by " + pair.candidate().key().text());
        device.presence.grant(tenure.grant());
        tenure.start();
    }

    /** Ends what the bus keeps of a device. */
    private void release(DeviceRecord device, String why) {
        Keeping keeping = device.keeping;
        if (keeping == null) {
            throw new IllegalStateException("nothing is kept of " + device);
        }
        bus.busy++;
        device.grace = null;
        LOG.info("{}: what {} has handed over is released: {}", device.id(), keeping.from().driver(), why);
        show(device, DeviceState.REMOVING, why);
        keeping.release(bus.policy.deadlines(), () -> {
            bus.busy--;
            device.keeping = null;
            device.asked = false; // giving it up may have changed what its host says
            freed(device);
        });
    }

    /** Nobody has a device any more. */
    void freed(DeviceRecord device) {
        if (bus.departing.remove(device.address(), device)) {
            vanished(device);
            DeviceRecord successor = bus.devices.get(device.address());
            if (successor != null) {
                bus.touch(successor);
            }
        } else {
            tellFree(device); // now: it may have its next driver right away
            bus.touch(device);
        }
    }

    /** A device is gone, and nothing is left of its binding. */
    void vanished(DeviceRecord device) {
        device.cancelTimer();
        device.pairs.forEach(deferrals::end);
        device.pairs.clear();
        bus.deferred.remove(device);
        device.vanished = true;
        BindRequest request = device.bindRequest;
        if (request != null) {
            bindFailed(device, request.driver(), new ProbeException(device.address() + " is gone"));
        }
        bus.event(Kind.DEVICE_REMOVED, device.id(), null, "gone");
        tellFree(device);
    }

    /** Puts a state on show. */
    void show(DeviceRecord device, DeviceState state, String reason) {
        boolean changed = device.state != state;
        device.reason = reason;
        if (changed) {
            device.state = state;
            device.since = bus.env.scheduler().now();
            if (state != DeviceState.PROBING && state != DeviceState.BOUND && state != DeviceState.REMOVING) {
                bus.event(Kind.STATE_CHANGED, device.id(), null, state + ": " + reason);
            }
        }
    }
}
