package org.busbar.shell.net.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.busbar.net.NetworkPort;
import org.busbar.shell.internal.words.CommandFailure;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The network ports that there are. Thread-safe. */
@Component(service = Ports.class)
public final class Ports {

    private final Map<ServiceReference<NetworkPort>, Found> ports = new ConcurrentSkipListMap<>();

    /**
     * A port and what is said of it.
     *
     * @param port the port
     * @param device the device that it belongs to, empty if not known
     * @param driver the device's driver, empty if not known
     * @param promiscuity whether it receives frames for all stations
     */
    public record Found(NetworkPort port, String device, String driver, Promiscuity promiscuity) {

        /** Returns a port of which nothing is said. */
        public static Found of(NetworkPort port) {
            return new Found(port, "", "", new Promiscuity(port));
        }
    }

    @Reference(service = NetworkPort.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, unbind = "leave")
    void come(ServiceReference<NetworkPort> reference, NetworkPort port) {
        ports.put(
                reference,
                new Found(
                        port,
                        text(reference, "busbar.device"),
                        text(reference, "busbar.driver"),
                        new Promiscuity(port)));
    }

    void leave(ServiceReference<NetworkPort> reference) {
        ports.remove(reference);
    }

    private static String text(ServiceReference<?> reference, String property) {
        Object value = reference.getProperty(property);
        return value == null ? "" : value.toString();
    }

    /** Returns all, by name. */
    public List<Found> all() {
        return ports.values()
                .stream()
                .sorted(Comparator.comparing(found -> found.port().name()))
                .toList();
    }

    /** Returns the port of a name. */
    public Found find(String name) {
        return ports.values()
                .stream()
                .filter(found -> found.port().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandFailure("there is no network port '" + name + "'; nic:list shows the "
                        + ports.size() + " that there are"));
    }
}
