package org.busbar.core.internal.scope;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.HandoverState;
import org.busbar.device.Publication;
import org.busbar.device.bus.Keepable;
import org.busbar.device.bus.Kept;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;

/** The grant of one device to one driver. Composes what a binding consists of; each part is its own class. */
public final class Grant implements DeviceContext {

    private static final long FIRST_PAUSE_NANOS = 20_000;
    private static final long LONGEST_PAUSE_NANOS = 1_000_000;

    /** Who holds the grant. */
    public record Holder(String driver, long serviceId, Supplier<@Nullable Bundle> bundle) {}

    /** Told of what a driver reports and of what goes wrong. Called from any thread; returns at once. */
    public interface Reports {

        /** The driver cannot go on. */
        void failed(Throwable cause);

        /** The driver suspects that the device is gone. */
        void suspectGone(String why);

        /** What the driver wants done on revocation has not ended in time; where it is. */
        void stuck(Leak action);

        /** Something of the driver's has failed that stops nothing. */
        void trouble(String what, Throwable failure);
    }

    private final DeviceId id;
    private final Deadline probeDeadline;
    private final Reports reports;
    private final Revocation revocation = new Revocation();
    private final Publications publications;
    private final BindingThreads threads;
    private final OwnedResources resources = new OwnedResources();

    public Grant(DeviceId id, Holder holder, Deadline probeDeadline, Reports reports) {
        this.id = id;
        this.probeDeadline = probeDeadline;
        this.reports = reports;
        this.publications = new Publications(
                holder.bundle(),
                Map.of(
                        "busbar.device", id.address(),
                        "busbar.generation", id.generation(),
                        "busbar.driver", holder.driver()));
        this.threads = new BindingThreads("busbar-" + id.address(), holder.serviceId());
    }

    @Override
    public DeviceId id() {
        return id;
    }

    @Override
    public Deadline probeDeadline() {
        return probeDeadline;
    }

    @Override
    public boolean isRevoked() {
        return revocation.isRevoked();
    }

    @Override
    public void onRevoked(Runnable action) {
        revocation.onRevoked(action);
    }

    @Override
    public <S> Publication publish(Class<S> type, S service, Map<String, ?> properties) {
        checkLive();
        return publications.publish(type, service, properties);
    }

    @Override
    public Executor executor() {
        checkLive();
        return threads;
    }

    @Override
    public void await(String what, BooleanSupplier condition, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        long pause = FIRST_PAUSE_NANOS;
        checkLive();
        while (!condition.getAsBoolean()) {
            long left = deadline.remainingNanos();
            if (left <= 0) {
                throw new DeviceTimeoutException("timed out waiting for " + what);
            }
            if (revocation.await(Math.min(pause, left))) {
                throw gone();
            }
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
    }

    @Override
    public <R extends AutoCloseable> R own(String what, R resource) {
        if (!resources.add(what, resource)) {
            OwnedResources.close(what, resource, reports::trouble);
        }
        return resource;
    }

    @Override
    public void suspectGone(String why) {
        reports.suspectGone(why);
    }

    @Override
    public void fail(Throwable cause) {
        reports.failed(cause);
    }

    /** Returns the revocation of this grant. */
    public Revocation revocation() {
        return revocation;
    }

    /** Makes the services visible that were published during the probe, unless the grant has been revoked meanwhile. */
    public void commit() {
        if (!isRevoked()) {
            publications.commit();
        }
    }

    /** Runs what is left to run on revocation and waits for it. Returns whether it has ended by the deadline. */
    public boolean revoke(Deadline deadline) throws InterruptedException {
        return revocation.run(failure -> reports.trouble("an action on revocation", failure), deadline);
    }

    /** Withdraws all services. */
    public void unpublish() {
        publications.close(reports::trouble);
    }

    /** Returns whether the device can outlive this grant. */
    public boolean isKeepable() {
        return resources.keepable() != null;
    }

    /**
     * Has the bus keep the device for a successor of the driver.
     *
     * @throws Exception if it cannot; nothing is kept then
     */
    public Kept keep(HandoverState state) throws Exception {
        Keepable device = resources.keepable();
        if (device == null) {
            throw new IllegalStateException(id + ": its bus cannot keep devices");
        }
        return device.keep(state);
    }

    /** Returns whether nothing has been published, or everything is withdrawn. */
    public boolean publishesNothing() {
        return publications.isEmpty();
    }

    /** Returns whether no other bundle uses a service of this binding. */
    public boolean isIdle() {
        return publications.isIdle();
    }

    /** Returns whether a visible service is one of those that are published. */
    public boolean offers(long serviceId) {
        return publications.offers(serviceId);
    }

    /** Returns the interface names of the services that are published. */
    public List<String> services() {
        return publications.typeNames();
    }

    /**
     * Releases everything: runs the actions on revocation, ends the threads, closes the resources in reverse order.
     *
     * @param deadline for the actions and the threads; resources are watched by the caller
     * @param wanted whether this call still is the one that releases
     * @return the threads that have not ended
     */
    public List<Leak> release(Deadline deadline, BooleanSupplier wanted) {
        List<Leak> leaks = List.of();
        try {
            if (!revoke(deadline)) {
                revocation.interruptActions().forEach(reports::stuck);
            }
            unpublish();
            leaks = threads.close(deadline);
        } catch (InterruptedException stuck) {
            // The caller's watchdog has lost patience with an action or a thread: go on with the resources.
            reports.trouble("waiting for the threads of " + id, stuck);
        }
        resources.close(reports::trouble, wanted);
        return leaks;
    }

    /** Returns whether everything that was acquired is closed. */
    public boolean ownsNothing() {
        return resources.isEmpty();
    }

    private void checkLive() {
        if (isRevoked()) {
            throw gone();
        }
    }

    private DeviceGoneException gone() {
        return new DeviceGoneException(id + " is not there any more, or not this driver's");
    }
}
