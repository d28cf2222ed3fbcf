package org.busbar.pci.internal.testing;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceId;
import org.busbar.device.Publication;
import org.busbar.device.bus.Keepable;

/** A core's grant that is revoked and ended by hand. */
public final class FakeContext implements DeviceContext {

    public final List<Throwable> failures = new CopyOnWriteArrayList<>();
    public final List<String> suspicions = new ArrayList<>();
    public final List<Exception> leaks = new ArrayList<>();
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final List<Runnable> actions = new ArrayList<>();
    private volatile boolean revoked;

    /** Revokes the grant. */
    public void revoke() {
        revoked = true;
        actions.forEach(Runnable::run);
    }

    /** Returns what can be kept. */
    public Keepable keepable() {
        return (Keepable) owned.stream().filter(Keepable.class::isInstance).findFirst().orElseThrow();
    }

    /** Releases what is owned, in reverse order. */
    public void end() {
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                leaks.add(e);
            }
        }
    }

    @Override
    public DeviceId id() {
        return new DeviceId("pci", "0000:02:00.0", 1);
    }

    @Override
    public Deadline probeDeadline() {
        return Deadline.after(Duration.ofSeconds(10));
    }

    @Override
    public boolean isRevoked() {
        return revoked;
    }

    @Override
    public void onRevoked(Runnable action) {
        if (revoked) {
            action.run();
        } else {
            actions.add(action);
        }
    }

    @Override
    public <S> Publication publish(Class<S> type, S service, Map<String, ?> properties) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Executor executor() {
        return Runnable::run;
    }

    @Override
    public void await(String what, BooleanSupplier condition, Deadline deadline) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <R extends AutoCloseable> R own(String what, R resource) {
        owned.push(resource);
        return resource;
    }

    @Override
    public void suspectGone(String why) {
        suspicions.add(why);
    }

    @Override
    public void fail(Throwable cause) {
        failures.add(cause);
    }
}
