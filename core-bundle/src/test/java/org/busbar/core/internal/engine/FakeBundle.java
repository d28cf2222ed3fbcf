package org.busbar.core.internal.engine;

import java.lang.reflect.Proxy;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.Version;

/** A bundle that can register services, and whose services can be in use by others. */
public final class FakeBundle {

    private static final AtomicLong SERVICE_IDS = new AtomicLong();

    private final String name;
    private final Bundle bundle;
    private final BundleContext context;
    private final List<Service> services = new CopyOnWriteArrayList<>();
    private volatile boolean stopped;
    private volatile Runnable onRegister = () -> {};

    public FakeBundle(String name) {
        this.name = name;
        context = proxy(BundleContext.class, (method, args) -> switch (method) {
            case "registerService" -> register((Class<?>) args[0], args[1], (Dictionary<?, ?>) args[2]);
            default -> throw new UnsupportedOperationException(method);
        });
        bundle = proxy(Bundle.class, (method, args) -> switch (method) {
            case "getSymbolicName" -> name;
            case "getVersion" -> Version.valueOf("1.0.0");
            case "getBundleContext" -> stopped ? null : context();
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private BundleContext context() {
        return context;
    }

    public Bundle bundle() {
        return bundle;
    }

    public void stop() {
        stopped = true;
    }

    /** Runs on the registering thread whenever a service appears, as service listeners do. */
    public void onRegister(Runnable action) {
        onRegister = action;
    }

    /** Returns what is registered now. */
    public List<Service> services() {
        return services;
    }

    /** Returns a reference to a service of this bundle's. */
    public ServiceReference<?> reference(Map<String, Object> properties) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put(Constants.SERVICE_ID, SERVICE_IDS.incrementAndGet());
        return new Service(Object.class, this, all).reference;
    }

    private ServiceRegistration<?> register(Class<?> type, Object service, Dictionary<?, ?> properties) {
        if (stopped) {
            throw new IllegalStateException("stopped");
        }
        Map<String, Object> all = map(properties);
        all.put(Constants.SERVICE_ID, SERVICE_IDS.incrementAndGet());
        Service registered = new Service(type, service, all);
        services.add(registered);
        onRegister.run();
        return proxy(ServiceRegistration.class, (method, args) -> switch (method) {
            case "unregister" -> {
                if (!services.remove(registered)) {
                    throw new IllegalStateException("unregistered already");
                }
                yield null;
            }
            case "setProperties" -> {
                registered.properties.clear();
                registered.properties.putAll(map((Dictionary<?, ?>) args[0]));
                yield null;
            }
            case "getReference" -> registered.reference;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static Map<String, Object> map(Dictionary<?, ?> properties) {
        Map<String, Object> map = new HashMap<>();
        properties.keys().asIterator().forEachRemaining(key -> map.put(key.toString(), properties.get(key)));
        return map;
    }

    /** A registered service. */
    public final class Service {
        public final Class<?> type;
        public final Object service;
        public final Map<String, Object> properties;
        public final List<Bundle> users = new CopyOnWriteArrayList<>();
        final ServiceReference<?> reference;

        Service(Class<?> type, Object service, Map<String, Object> properties) {
            this.type = type;
            this.service = service;
            this.properties = new ConcurrentHashMap<>(properties);
            this.reference = proxy(ServiceReference.class, (method, args) -> switch (method) {
                case "getBundle" -> bundle;
                case "getProperty" -> this.properties.get(args[0]);
                case "getUsingBundles" -> users.isEmpty() ? null : users.toArray(Bundle[]::new);
                default -> throw new UnsupportedOperationException(method);
            });
        }
    }

    private interface Handler {
        Object call(String method, Object[] args);
    }

    @SuppressWarnings("unchecked")
    private <T> T proxy(Class<? super T> type, Handler handler) {
        return (T) Proxy.newProxyInstance(
                FakeBundle.class.getClassLoader(), new Class<?>[] {type},
                (self, method, args) -> switch (method.getName()) {
                    case "equals" -> System.identityHashCode(self) == System.identityHashCode(args[0]);
                    case "hashCode" -> System.identityHashCode(self);
                    case "toString" -> type.getSimpleName() + " of " + name;
                    default -> handler.call(method.getName(), args);
                });
    }
}
