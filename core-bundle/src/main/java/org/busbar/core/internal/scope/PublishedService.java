package org.busbar.core.internal.scope;

import java.util.Dictionary;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.busbar.device.Publication;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One published service. Its states:
 *
 * <pre>
 *   STAGED --register--> REGISTERING ----> LIVE
 *      |                     |               |
 *      +-------close---------+-----close-----+----> CLOSED
 * </pre>
 *
 * No lock is held while the registry, and with it foreign listeners, runs. A close that meets REGISTERING leaves the
 * unregistering to the thread that registers.
 */
final class PublishedService<S> implements Publication {

    private enum State {
        STAGED,
        REGISTERING,
        LIVE,
        CLOSED
    }

    private static final Logger LOG = LoggerFactory.getLogger(PublishedService.class);

    private final Class<S> type;
    private final S service;
    private final Map<String, Object> identity;
    private final Runnable onClosed;
    private final AtomicReference<State> state = new AtomicReference<>(State.STAGED);
    private final AtomicInteger updates = new AtomicInteger();
    private volatile Map<String, ?> properties;
    private volatile @Nullable ServiceRegistration<S> registration;

    PublishedService(
            Class<S> type,
            S service,
            Map<String, ?> properties,
            Map<String, Object> identity,
            Consumer<PublishedService<?>> onClosed) {
        this.type = type;
        this.service = service;
        this.properties = properties;
        this.identity = identity;
        this.onClosed = () -> onClosed.accept(this);
    }

    /**
     * Makes the service visible; does nothing unless it is staged.
     *
     * @throws IllegalStateException if the driver's bundle is not active any more
     */
    void register(BundleContext context) {
        if (!state.compareAndSet(State.STAGED, State.REGISTERING)) {
            return;
        }
        int seen = updates.get();
        ServiceRegistration<S> registered;
        try {
            registered = context.registerService(type, service, dictionary());
        } catch (RuntimeException | Error failure) {
            close();
            throw failure;
        }
        registration = registered;
        if (!state.compareAndSet(State.REGISTERING, State.LIVE)) {
            unregister(registered);
        } else if (updates.get() != seen) {
            apply(registered);
        }
    }

    @Override
    public void update(Map<String, ?> replacement) {
        properties = Map.copyOf(replacement);
        updates.incrementAndGet();
        ServiceRegistration<S> registered = registration;
        if (registered != null && state.get() == State.LIVE) {
            apply(registered);
        }
    }

    /** Applies the latest properties; whoever finds that they changed meanwhile applies again, so the latest stay. */
    private void apply(ServiceRegistration<S> registered) {
        try {
            int seen;
            do {
                seen = updates.get();
                registered.setProperties(dictionary());
            } while (updates.get() != seen);
        } catch (IllegalStateException unregistered) {
            LOG.debug("{} was unregistered before its properties changed", this, unregistered);
        }
    }

    @Override
    public void close() {
        State before = state.getAndSet(State.CLOSED);
        if (before == State.CLOSED) {
            return;
        }
        onClosed.run();
        ServiceRegistration<S> registered = registration;
        if (before == State.LIVE && registered != null) {
            unregister(registered);
        }
    }

    private void unregister(ServiceRegistration<S> registered) {
        try {
            registered.unregister();
        } catch (IllegalStateException already) {
            LOG.debug("{} was unregistered already, with its bundle", this, already);
        }
    }

    /** Returns the reference while the service is visible. */
    @Nullable
    ServiceReference<S> reference() {
        ServiceRegistration<S> registered = registration;
        if (registered == null || state.get() != State.LIVE) {
            return null;
        }
        try {
            return registered.getReference();
        } catch (IllegalStateException unregistered) {
            return null; // its bundle has stopped in this moment
        }
    }

    String typeName() {
        return type.getName();
    }

    private Dictionary<String, Object> dictionary() {
        Map<String, Object> all = new HashMap<>(properties);
        all.putAll(identity);
        return FrameworkUtil.asDictionary(all);
    }

    @Override
    public String toString() {
        return type.getName() + " of " + identity;
    }
}
