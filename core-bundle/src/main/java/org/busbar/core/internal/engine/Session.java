package org.busbar.core.internal.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.busbar.core.internal.event.EventLog;
import org.busbar.core.internal.match.DriverEntry;
import org.busbar.core.internal.policy.Policy;
import org.busbar.core.internal.scope.DriverCode;
import org.busbar.core.internal.scope.Grant;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.RemovalReason;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.bus.BusDriver;
import org.busbar.device.bus.BusSession;
import org.busbar.device.dto.BusDTO;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bus's side of an engine: takes facts on any thread and posts them to the worker. */
public final class Session implements BusSession {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final String bus;
    private final Environment env;
    private final EventLog events;
    private final Engine engine;
    private final Operations operations;
    private final Snapshots snapshots;
    private final WorkerCalls calls;
    private final Consumer<Session> onClosed;
    private final ConcurrentHashMap<String, Presence> present = new ConcurrentHashMap<>();
    private volatile Policy policy;

    /** Opens a session. */
    public Session(String bus, Environment env, Policy policy, Consumer<Session> onClosed) {
        this.bus = bus;
        this.env = env;
        this.policy = policy;
        this.onClosed = onClosed;
        this.events = new EventLog(env.scheduler()::now);
        this.engine = new Engine(bus, env, events, policy);
        this.operations = new Operations(engine);
        this.snapshots = new Snapshots(engine.state(), engine.waiters());
        this.calls = new WorkerCalls(engine);
    }

    /** Returns the name of the bus. */
    public String bus() {
        return bus;
    }

    @Override
    public CompletableFuture<Void> devicesChanged(Collection<DeviceId> gone, Collection<? extends BusDevice> come) {
        List<Presence> left = new ArrayList<>();
        List<Presence> arrived = new ArrayList<>(come.size());
        List<Grant> revoked = new ArrayList<>();
        for (DeviceId id : gone) {
            Presence presence = present.get(id.address());
            if (presence != null && presence.id().equals(id) && present.remove(id.address(), presence)) {
                leave(presence, left, revoked);
            }
        }
        for (BusDevice device : come) {
            try {
                arrive(new Presence(device), arrived, left, revoked);
            } catch (RuntimeException malformed) { // the bus's code: one bad device takes nothing else away
                LOG.error("a device of {} cannot be added", bus, malformed);
                events.add(DeviceEvent.Kind.SCAN_PROBLEM, null, null, "a device cannot be added: " + malformed);
            }
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        Countdown countdown = new Countdown(left.size() + 1, () -> Notify.done(env, done));
        if (!engine.post(() -> {
            engine.devicesChanged(left, arrived, countdown::hit);
            countdown.hit(); // for the change itself, of which nothing may have gone
        })) {
            done.complete(null);
        }
        runRevocations(revoked);
        return done;
    }

    private void arrive(Presence presence, List<Presence> arrived, List<Presence> left, List<Grant> revoked) {
        DeviceId id = presence.id();
        while (true) {
            Presence before = present.putIfAbsent(id.address(), presence);
            if (before == null) {
                arrived.add(presence);
                return;
            }
            if (before.id().generation() >= id.generation()) {
                return; // known already, or outdated
            }
            if (present.replace(id.address(), before, presence)) {
                leave(before, left, revoked); // replaced, though nobody said that it had gone
                arrived.add(presence);
                return;
            }
        }
    }

    private static void leave(Presence presence, List<Presence> left, List<Grant> revoked) {
        left.add(presence);
        Grant grant = presence.markGone();
        if (grant != null) {
            revoked.add(grant);
        }
    }

    /**
     * Runs what drivers and bus want done at once when a device goes. Each on a thread of its own: a driver that hangs
     * here must hold up neither the others nor, for long, the bus.
     */
    private void runRevocations(List<Grant> revoked) {
        if (revoked.isEmpty()) {
            return;
        }
        Deadline deadline = Deadline.after(policy.deadlines().grace());
        CountDownLatch done = new CountDownLatch(revoked.size());
        for (Grant grant : revoked) {
            env.tasks().start("busbar-" + grant.id().address() + "-revoke", () -> {
                try {
                    grant.revoke(deadline);
                } catch (InterruptedException nobodyInterrupts) {
                    LOG.debug("interrupted", nobodyInterrupts);
                } finally {
                    done.countDown();
                }
            });
        }
        try {
            if (!done.await(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
                LOG.warn("drivers of {} have not failed what was in flight within the grace period", bus);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt(); // the devices are marked and reported, which is what counts
        }
    }

    @Override
    public void driverArrived(BusDriver driver) {
        DriverEntry entry = DriverEntry.of(driver);
        engine.post(() -> engine.driverArrived(entry));
    }

    @Override
    public void driverLeft(BusDriver driver) {
        long serviceId = DriverEntry.serviceId(driver.reference());
        CompletableFuture<Void> left = driverLeaves(serviceId);
        if (env.worker().isCurrent() || DriverCode.isRunning(serviceId)) {
            LOG.warn(
                    "driver {} is unregistered from within its own code, or on the thread of the core; its bindings end"
                            + " after this call, not before",
                    driver.name());
            return;
        }
        if (!WorkerCalls.await(left, longestEnd())) {
            LOG.error("driver {} has left, but its bindings have not ended within {}", driver.name(), longestEnd());
        }
    }

    /** Records that a driver leaves. Completes, on the worker, when nothing of its bindings is left. */
    CompletableFuture<Void> driverLeaves(long serviceId) {
        CompletableFuture<Void> left = new CompletableFuture<>();
        if (!engine.post(() -> engine.driverLeft(serviceId, () -> left.complete(null)))) {
            left.complete(null);
        }
        return left;
    }

    /** Returns how long the end of a binding can take if its driver misses every deadline. */
    private Duration longestEnd() {
        return policy.deadlines().longestRemoval().plusSeconds(5);
    }

    @Override
    public void reevaluate(Collection<DeviceId> devices) {
        List<DeviceId> ids = List.copyOf(devices);
        engine.post(() -> engine.reevaluate(ids));
    }

    @Override
    public CompletableFuture<Void> ejectRequested(DeviceId device, String why) {
        return calls.call(() -> operations.eject(device, why));
    }

    @Override
    public void ejectCancelled(DeviceId device) {
        engine.post(() -> operations.ejectCancelled(device));
    }

    @Override
    public void deviceFailed(DeviceId device, String why) {
        engine.post(() -> engine.deviceFailed(device, why));
    }

    /** The driver behind a service that was published at an address does not do what it should. */
    public void serviceFailed(String address, long serviceId, String why) {
        engine.post(() -> engine.serviceFailed(address, serviceId, why));
    }

    @Override
    public CompletableFuture<Void> detach(DeviceId device, RemovalReason reason) {
        return calls.call(() -> operations.detach(device, reason));
    }

    @Override
    public void attach(DeviceId device) {
        engine.post(() -> operations.attach(device));
    }

    @Override
    public CompletableFuture<Void> bind(DeviceId device, String driverName) {
        return calls.call(() -> operations.bind(device, driverName));
    }

    @Override
    public CompletableFuture<Void> replace(DeviceId device, ServiceReference<?> successor) {
        long service = DriverEntry.serviceId(successor);
        return calls.call(() -> operations.replace(device, service));
    }

    @Override
    public CompletableFuture<Void> unbind(DeviceId device) {
        return calls.call(() -> operations.unbind(device));
    }

    @Override
    public void settle(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        calls.settle(then -> engine.waiters().whenSettled(then), deadline);
    }

    @Override
    public void settle(Collection<DeviceId> devices, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        calls.settle(then -> engine.waiters().whenSettled(devices, then), deadline);
    }

    @Override
    public BusDTO snapshot() {
        return Snapshots.describe(calls.call(snapshots::take));
    }

    @Override
    public List<DeviceEvent> history() {
        return events.history();
    }

    @Override
    public AutoCloseable follow(Consumer<DeviceEvent> listener) {
        return events.follow("busbar-events-" + bus, listener);
    }

    @Override
    public void note(DeviceEvent.Kind kind, String text) {
        events.add(kind, null, null, text);
    }

    /** Puts a policy in force. */
    public void policy(Policy next) {
        policy = next;
        engine.post(() -> engine.policyChanged(next));
    }

    /** Notes that a bundle was uninstalled. */
    public void bundleUninstalled(String symbolicName) {
        engine.post(() -> engine.bundleUninstalled(symbolicName));
    }

    @Override
    public void close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        boolean open = engine.post(() -> engine.close(() -> {
            env.worker().stop();
            closed.complete(null);
        }));
        onClosed.accept(this);
        if (!open) {
            return;
        }
        if (env.worker().isCurrent() || DriverCode.isRunning()) {
            LOG.warn("bus {} is closed from within the code of a driver; it ends after this call", bus);
        } else if (!WorkerCalls.await(closed, longestEnd())) {
            LOG.error("bus {} has not ended within {}: {}", bus, longestEnd(), engine.underWay());
        }
    }
}
