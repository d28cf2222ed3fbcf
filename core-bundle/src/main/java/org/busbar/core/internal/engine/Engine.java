package org.busbar.core.internal.engine;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.busbar.core.internal.event.EventLog;
import org.busbar.core.internal.match.DriverEntry;
import org.busbar.core.internal.policy.Policy;
import org.busbar.core.internal.work.Worker;
import org.busbar.device.DeviceEvent.Kind;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceState;
import org.jspecify.annotations.Nullable;

/**
 * Records facts about one bus and has them acted upon: after every fact, the devices that it concerns are looked at
 * again. All methods run on the worker, through {@link #post}.
 */
final class Engine {

    private final BusState bus;
    private final Deferrals deferrals;
    private final Reconciler reconciler;
    private final Waiters waiters;

    Engine(String busName, Environment env, EventLog events, Policy policy) {
        Worker worker = new SettlingWorker(env.worker(), this::act);
        bus = new BusState(
                busName, new Environment(worker, env.scheduler(), env.tasks(), env.services()), events, policy);
        waiters = new Waiters(bus);
        deferrals = new Deferrals(bus);
        reconciler = new Reconciler(bus, deferrals, new Failures(bus));
    }

    BusState state() {
        return bus;
    }

    Waiters waiters() {
        return waiters;
    }

    /** Posts a fact. Returns false if the session has ended. */
    boolean post(Runnable fact) {
        return bus.env.worker().post(fact);
    }

    private void act() {
        reconciler.run();
        waiters.check();
    }

    void devicesChanged(Collection<Presence> gone, Collection<Presence> come, Runnable eachGone) {
        for (Presence presence : gone) {
            gone(presence, eachGone);
        }
        for (Presence presence : come) {
            come(presence);
        }
    }

    private void come(Presence presence) {
        if (presence.isGone() || bus.closing) {
            return;
        }
        DeviceRecord device = new DeviceRecord(presence, bus.env.scheduler().now());
        bus.devices.put(device.address(), device);
        bus.event(Kind.DEVICE_ADDED, device.id(), null, "added");
        bus.index.addDevice(device, presence.keys()).forEach(candidate -> device.pairs.add(new Pair(candidate)));
        bus.touch(device);
    }

    private void gone(Presence presence, Runnable then) {
        DeviceRecord device = bus.devices.get(presence.id().address());
        if (device == null || device.presence != presence) {
            then.run();
            return;
        }
        bus.devices.remove(device.address());
        bus.index.removeDevice(device, presence.keys());
        device.whenFree.add(then);
        if (device.isFree()) {
            reconciler.vanished(device);
        } else {
            bus.departing.put(device.address(), device);
            bus.touch(device);
        }
    }

    void driverArrived(DriverEntry entry) {
        if (bus.closing || bus.drivers.putIfAbsent(entry.serviceId(), new DriverState(entry)) != null) {
            return;
        }
        bus.event(Kind.DRIVER_ARRIVED, null, entry.name(), entry.problem().isEmpty() ? "arrived" : entry.problem());
        if (entry.problem().isEmpty()) {
            bus.index.addDriver(entry).forEach((device, candidate) -> {
                device.addPair(candidate);
                bus.touch(device);
            });
        }
    }

    /** A driver leaves; what is given is run when nothing is left of its bindings. */
    void driverLeft(long serviceId, Runnable then) {
        DriverState driver = bus.drivers.remove(serviceId);
        if (driver == null) {
            then.run();
            return;
        }
        bus.event(Kind.DRIVER_LEFT, null, driver.entry.name(), "left");
        long until = bus.now() + bus.policy.updateGrace().toNanos();
        for (Tenure tenure : driver.tenures) {
            tenure.device().grace = new Grace(driver.entry.identity(), until);
            bus.touch(tenure.device());
        }
        for (DeviceRecord device : bus.index.removeDriver(driver.entry)) {
            Pair pair = device.removePair(driver.entry);
            if (pair != null) {
                deferrals.end(pair);
                device.endReplacement(pair);
            }
            bus.touch(device);
        }
        driver.whenIdle.add(then);
        driver.checkIdle();
    }

    /** A bundle was uninstalled: its drivers will not come back updated. */
    void bundleUninstalled(String symbolicName) {
        for (DeviceRecord device : bus.devices.values()) {
            if (device.grace != null && device.grace.driver().bundle().equals(symbolicName)) {
                device.grace = null;
                bus.touch(device);
            }
        }
    }

    void policyChanged(Policy policy) {
        bus.policy = policy;
        bus.event(Kind.POLICY_CHANGED, null, null, policy.blocked().isEmpty() ? "changed" : policy.blocked());
        for (DeviceRecord device : bus.devices.values()) {
            for (Pair pair : device.pairs) {
                if (pair.state() instanceof PairState.Quarantined) {
                    pair.forgive();
                }
            }
            bus.touch(device);
        }
    }

    void reevaluate(Collection<DeviceId> ids) {
        for (DeviceId id : ids) {
            DeviceRecord device = find(id);
            if (device != null) {
                device.asked = false;
                bus.touch(device);
            }
        }
    }

    /** The host reports a failure of a device. */
    void deviceFailed(DeviceId id, String why) {
        DeviceRecord device = find(id);
        if (device == null) {
            return;
        }
        if (device.tenure != null) {
            device.tenure.fail(why);
        } else if (device.keeping != null) {
            device.grace = null; // what is kept of it is of no use to a successor
        }
        bus.touch(device);
    }

    /** The driver that has published a service at an address does not do what it should. */
    void serviceFailed(String address, long serviceId, String why) {
        DeviceRecord device = bus.devices.get(address);
        if (device != null && device.tenure != null && device.tenure.grant().offers(serviceId)) {
            device.tenure.condemn(why);
            bus.touch(device);
        }
    }

    /** Removes all bindings; what is given is run when nothing is left. */
    void close(Runnable then) {
        bus.closing = true;
        for (DeviceRecord device : bus.devices.values()) {
            device.pairs.forEach(deferrals::end);
            bus.touch(device);
        }
        waiters.whenIdle(then);
    }

    /** Returns the device with this identity if it is present. */
    @Nullable
    DeviceRecord find(DeviceId id) {
        DeviceRecord device = bus.devices.get(id.address());
        return device != null && device.id().equals(id) ? device : null;
    }

    /** Returns the record of a device that is present or not given up completely yet. */
    static boolean isBusy(DeviceRecord device) {
        return device.dirty
                || (device.tenure != null && device.tenure.phase() != Tenure.Phase.BOUND)
                || (device.keeping != null && device.keeping.isReleasing());
    }

    /** Returns what is on its way, in words. */
    String underWay() {
        StringBuilder text = new StringBuilder();
        for (Collection<DeviceRecord> devices : List.of(bus.devices.values(), bus.departing.values())) {
            for (DeviceRecord device : devices) {
                Optional<Tenure> tenure = Optional.ofNullable(device.tenure);
                if (device.keeping != null && device.keeping.isReleasing()) {
                    text.append(text.isEmpty() ? "" : ", ").append(device);
                }
                if (tenure.isPresent() && device.state != DeviceState.BOUND) {
                    text.append(text.isEmpty() ? "" : ", ")
                            .append(device)
                            .append(" by ")
                            .append(tenure.get().pair().name());
                }
            }
        }
        return text.isEmpty() ? "nothing that has a name" : text.toString();
    }
}
