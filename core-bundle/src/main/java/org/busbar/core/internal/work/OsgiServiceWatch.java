package org.busbar.core.internal.work;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches the service registry. */
public final class OsgiServiceWatch implements ServiceWatch {

    private static final Logger LOG = LoggerFactory.getLogger(OsgiServiceWatch.class);

    private final BundleContext context;

    /** Watches with the given context, of this bundle. */
    public OsgiServiceWatch(BundleContext context) {
        this.context = context;
    }

    @Override
    public AutoCloseable watch(String filter, Runnable appeared) throws InvalidSyntaxException {
        Set<ServiceReference<?>> seen = ConcurrentHashMap.newKeySet();
        ServiceListener listener = event -> {
            switch (event.getType()) {
                case ServiceEvent.REGISTERED, ServiceEvent.MODIFIED -> {
                    if (seen.add(event.getServiceReference())) {
                        appeared.run(); // once per service, however often its properties change
                    }
                }
                default -> seen.remove(event.getServiceReference());
            }
        };
        context.addServiceListener(listener, filter);
        ServiceReference<?>[] present = context.getAllServiceReferences(null, filter);
        if (present != null && seen.addAll(Arrays.asList(present))) {
            appeared.run();
        }
        return () -> {
            try {
                context.removeServiceListener(listener);
            } catch (IllegalStateException stopped) {
                LOG.debug("the listener for {} went with this bundle", filter, stopped);
            }
        };
    }

    @Override
    public boolean isStopping() {
        try {
            return context.getBundle(Constants.SYSTEM_BUNDLE_ID).getState() == Bundle.STOPPING;
        } catch (IllegalStateException stopped) {
            return true; // this bundle has stopped already
        }
    }
}
