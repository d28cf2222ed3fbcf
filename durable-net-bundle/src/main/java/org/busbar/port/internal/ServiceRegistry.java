package org.busbar.port.internal;

import java.util.Map;
import org.busbar.device.Publication;
import org.busbar.port.Port;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes OSGi services of ports. */
final class ServiceRegistry implements Ports.Registry {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceRegistry.class);

    private static final Publication NOTHING = new Publication() {
        @Override
        public void update(Map<String, ?> properties) {
            // There is no service.
        }

        @Override
        public void close() {
            // There is no service.
        }
    };

    private final BundleContext context;

    ServiceRegistry(BundleContext context) {
        this.context = context;
    }

    @Override
    public Publication publish(Port port, Map<String, Object> properties) {
        try {
            return new Registered(
                    context.registerService(Port.class, port, FrameworkUtil.asDictionary(properties)));
        } catch (IllegalStateException stopping) {
            LOG.debug("{} is not offered any more, the bundle stops", port.name(), stopping);
            return NOTHING;
        }
    }

    private record Registered(ServiceRegistration<Port> registration) implements Publication {

        @Override
        public void update(Map<String, ?> properties) {
            try {
                registration.setProperties(FrameworkUtil.asDictionary(Map.copyOf(properties)));
            } catch (IllegalStateException gone) {
                LOG.debug("{} was unregistered already", registration, gone);
            }
        }

        @Override
        public void close() {
            try {
                registration.unregister();
            } catch (IllegalStateException gone) {
                LOG.debug("{} was unregistered already, with its bundle", registration, gone);
            }
        }
    }
}
