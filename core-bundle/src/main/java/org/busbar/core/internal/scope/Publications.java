package org.busbar.core.internal.scope;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.Publication;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/** The services of a binding: staged during the probe, visible from its success on, gone as the first step of a removal. */
final class Publications {

    private enum Phase {
        STAGING,
        LIVE,
        CLOSED
    }

    private final Supplier<@Nullable Bundle> bundle;
    private final Map<String, Object> identity;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<PublishedService<?>> services = new ArrayList<>();
    private Phase phase = Phase.STAGING;

    Publications(Supplier<@Nullable Bundle> bundle, Map<String, Object> identity) {
        this.bundle = bundle;
        this.identity = identity;
    }

    <S> Publication publish(Class<S> type, S service, Map<String, ?> properties) {
        Objects.requireNonNull(service, "service");
        if (!type.isInstance(service)) {
            throw new IllegalArgumentException(
                    service.getClass().getName() + " is not a " + type.getName() + ", as which it is to be published");
        }
        PublishedService<S> published =
                new PublishedService<>(type, service, Map.copyOf(properties), identity, this::forget);
        boolean visible;
        lock.lock();
        try {
            if (phase == Phase.CLOSED) {
                throw new DeviceGoneException("the binding of " + identity + " ends; nothing more can be published");
            }
            services.add(published);
            visible = phase == Phase.LIVE;
        } finally {
            lock.unlock();
        }
        if (visible) {
            published.register(context());
        }
        return published;
    }

    /** Makes everything visible that was published during the probe. */
    void commit() {
        List<PublishedService<?>> staged;
        lock.lock();
        try {
            if (phase != Phase.STAGING) {
                return;
            }
            phase = Phase.LIVE;
            staged = List.copyOf(services);
        } finally {
            lock.unlock();
        }
        if (!staged.isEmpty()) {
            BundleContext context = context();
            staged.forEach(service -> service.register(context));
        }
    }

    /** Withdraws everything, latest first, and accepts nothing more. */
    void close(BiConsumer<String, Throwable> trouble) {
        List<PublishedService<?>> open;
        lock.lock();
        try {
            phase = Phase.CLOSED;
            open = new ArrayList<>(services);
        } finally {
            lock.unlock();
        }
        Collections.reverse(open);
        for (PublishedService<?> service : open) {
            OwnedResources.close("the published " + service.typeName(), service, trouble);
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return services.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether no bundle but the driver's own uses any of the services. */
    boolean isIdle() {
        Bundle own = bundle.get();
        for (PublishedService<?> service : copy()) {
            ServiceReference<?> reference = service.reference();
            Bundle[] users = reference == null ? null : reference.getUsingBundles();
            if (users != null) {
                for (Bundle user : users) {
                    if (!user.equals(own)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    boolean offers(long serviceId) {
        return copy().stream()
                .map(PublishedService::reference)
                .anyMatch(reference -> reference != null
                        && Long.valueOf(serviceId).equals(reference.getProperty(Constants.SERVICE_ID)));
    }

    List<String> typeNames() {
        return copy().stream().map(PublishedService::typeName).toList();
    }

    private List<PublishedService<?>> copy() {
        lock.lock();
        try {
            return List.copyOf(services);
        } finally {
            lock.unlock();
        }
    }

    private void forget(PublishedService<?> service) {
        lock.lock();
        try {
            services.remove(service);
        } finally {
            lock.unlock();
        }
    }

    private BundleContext context() {
        Bundle owner = bundle.get();
        BundleContext context = owner == null ? null : owner.getBundleContext();
        if (context == null) {
            throw new IllegalStateException("the driver's bundle is not active, nothing can be published in its name");
        }
        return context;
    }
}
