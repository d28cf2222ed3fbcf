package org.busbar.port.internal;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.busbar.device.ConfigValues;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.Supervisor;
import org.busbar.net.NetworkPort;
import org.busbar.net.PacketPools;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes ports of the network ports that drivers offer. */
@Component(service = {}, immediate = true, configurationPid = PortsComponent.PID)
@Designate(ocd = PortsConfig.class)
public final class PortsComponent {

    static final String PID = "org.busbar.durable.net";

    private static final Logger LOG = LoggerFactory.getLogger(PortsComponent.class);
    private static final long DEFAULT_HOLD = 30_000;
    private static final long LONGEST_HOLD = 86_400_000;

    private final ThreadWorks works = new ThreadWorks();
    private final Map<ServiceReference<NetworkPort>, Card> cards = new ConcurrentHashMap<>();
    private final Ports ports;
    /** Comes and goes with the core, and ports stay. */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable Supervisor supervisor;

    /** Configuration comes as a map, since a malformed value is not to keep ports from their users. */
    @Activate
    public PortsComponent(BundleContext context, @Reference PacketPools pools, Map<String, Object> configuration) {
        ConfigValues values = new ConfigValues(configuration);
        ports = new Ports(works, new OwnPools(pools), new ServiceRegistry(context), hold(values));
        values.problems()
                .forEach(problem -> LOG.error("malformed configuration {}, the default counts: {}", PID, problem));
    }

    private static Duration hold(ConfigValues values) {
        return Duration.ofMillis(values.number("holdMillis", 0L, LONGEST_HOLD, DEFAULT_HOLD));
    }

    @Modified
    void modified(Map<String, Object> configuration) {
        ConfigValues values = new ConfigValues(configuration);
        Duration hold = hold(values);
        if (values.problems().isEmpty()) {
            ports.hold(hold);
        } else {
            LOG.error("malformed configuration {}, the previous one stays in force: {}", PID,
                    String.join("; ", values.problems()));
        }
    }

    @Deactivate
    void deactivate() {
        ports.close();
        works.close();
    }

    @Reference(service = NetworkPort.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, target = "("
            + NetworkPort.MAC + "=*)", unbind = "go")
    void come(ServiceReference<NetworkPort> reference, NetworkPort port) {
        try {
            Card card = ports.card(
                    port, text(reference, NetworkPort.MAC), place(reference), what -> report(reference, what));
            cards.put(reference, card);
            ports.come(card);
        } catch (DeviceGoneException e) {
            LOG.debug("{} was gone when it was looked at", reference, e);
        }
    }

    private void report(ServiceReference<NetworkPort> reference, String what) {
        Supervisor core = supervisor;
        if (core != null) {
            core.report(reference, what);
        }
    }

    void go(ServiceReference<NetworkPort> reference) {
        Card card = cards.remove(reference);
        if (card != null) {
            ports.lastLook(card);
            ports.go(card);
        }
    }

    /** Address and generation: what no two devices ever share. */
    private static String place(ServiceReference<NetworkPort> reference) {
        String address = text(reference, "busbar.device");
        String generation = text(reference, "busbar.generation");
        return address.isEmpty() || generation.isEmpty() ? "" : address + "#" + generation;
    }

    private static String text(ServiceReference<?> reference, String property) {
        Object value = reference.getProperty(property);
        return value == null ? "" : value.toString();
    }
}
