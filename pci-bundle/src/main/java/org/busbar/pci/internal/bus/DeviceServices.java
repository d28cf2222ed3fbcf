package org.busbar.pci.internal.bus;

import java.util.Dictionary;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.busbar.pci.PciDevice;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service of each function of one host. Registered on a thread of its own, because registering calls whoever listens,
 * and probing must not wait for that. A large batch is registered bit by bit, so that withdrawing never waits for it.
 */
final class DeviceServices implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceServices.class);
    private static final int BIT = 256;

    private final BundleContext context;
    private final ExecutorService worker;
    private volatile boolean closing;
    private volatile CompletableFuture<Void> published = CompletableFuture.completedFuture(null);

    /** Touched by the worker only. */
    private final IdentityHashMap<PciFunction, ServiceRegistration<PciDevice>> registered = new IdentityHashMap<>();

    DeviceServices(BundleContext context, String host) {
        this.context = context;
        worker = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("busbar-services-" + host).factory());
    }

    /** Registers functions, but for those that have gone when it is their turn. Returns at once. Called by one thread. */
    void publish(List<PciFunction> functions) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        published = CompletableFuture.allOf(published, done);
        worker.execute(() -> publishFrom(functions, 0, done));
    }

    /** Completes when all functions that were given so far are registered. */
    CompletableFuture<Void> published() {
        return published;
    }

    private void publishFrom(List<PciFunction> functions, int start, CompletableFuture<Void> done) {
        int end = Math.min(functions.size(), start + BIT);
        functions.subList(start, end).forEach(this::register);
        if (end == functions.size() || closing) {
            done.complete(null);
        } else {
            worker.execute(() -> publishFrom(functions, end, done));
        }
    }

    private void register(PciFunction function) {
        if (function.isGone() || closing) {
            return;
        }
        try {
            registered.put(function, context.registerService(PciDevice.class, function, properties(function)));
        } catch (RuntimeException e) {
            LOG.warn("{} is not registered as a service", function, e);
        }
    }

    /** Unregisters functions that have gone. Completes when nobody sees them any more. */
    CompletableFuture<Void> withdraw(List<PciFunction> functions) {
        return CompletableFuture.runAsync(() -> functions.forEach(this::unregister), worker);
    }

    private void unregister(PciFunction function) {
        ServiceRegistration<PciDevice> registration = registered.remove(function);
        if (registration == null) {
            return;
        }
        try {
            registration.unregister();
        } catch (IllegalStateException e) {
            LOG.debug("{} is unregistered already: the bundle is stopping", function, e);
        }
    }

    private static Dictionary<String, Object> properties(PciFunction function) {
        Map<String, Object> properties = new HashMap<>(function.properties());
        properties.put(PciDevice.DEVICE_CATEGORY, new String[] {PciDevice.CATEGORY});
        properties.put(PciDevice.GENERATION, function.id().generation());
        function.slot().ifPresent(slot -> properties.put(PciDevice.SLOT, slot));
        return FrameworkUtil.asDictionary(properties);
    }

    /** Unregisters everything; nothing is registered from then on. Completes when that is done. */
    CompletableFuture<Void> withdrawAll() {
        closing = true;
        return CompletableFuture.runAsync(() -> List.copyOf(registered.keySet()).forEach(this::unregister), worker);
    }

    @Override
    public void close() {
        worker.shutdown();
    }
}
