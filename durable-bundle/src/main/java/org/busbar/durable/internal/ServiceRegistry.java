package org.busbar.durable.internal;

import java.util.Map;
import org.busbar.device.Publication;
import org.busbar.volume.Volume;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes OSGi services of volumes. */
final class ServiceRegistry implements Volumes.Registry {

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
    public Publication publish(Volume volume, Map<String, Object> properties) {
        try {
            return new Registered(
                    context.registerService(Volume.class, volume, FrameworkUtil.asDictionary(properties)));
        } catch (IllegalStateException stopping) {
            LOG.debug("{} is not offered any more, the bundle stops", volume.name(), stopping);
            return NOTHING;
        }
    }

    private record Registered(ServiceRegistration<Volume> registration) implements Publication {

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
