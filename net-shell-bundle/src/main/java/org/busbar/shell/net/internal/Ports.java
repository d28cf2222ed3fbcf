package org.busbar.shell.net.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.busbar.net.NetworkPort;
import org.busbar.shell.internal.services.Services;
import org.busbar.shell.internal.words.CommandFailure;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The network ports that there are. Thread-safe. */
@Component(service = Ports.class)
public final class Ports {

    private final Services<NetworkPort> ports;
    /** What the user and commands have asked of each port that is there. */
    private final Map<ServiceReference<?>, Promiscuity> promiscuities = new ConcurrentHashMap<>();

    @Activate
    public Ports(BundleContext context) {
        ports = Services.of(context, NetworkPort.class);
    }

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

    private Found found(Services.Offered<NetworkPort> offered) {
        return new Found(
                offered.service(),
                offered.text("busbar.device"),
                offered.text("busbar.driver"),
                promiscuities.computeIfAbsent(offered.reference(), _ -> new Promiscuity(offered.service())));
    }

    /** Returns all, by name. */
    public List<Found> all() {
        promiscuities.keySet().removeIf(reference -> reference.getBundle() == null);
        return ports.now()
                .map(this::found)
                .sorted(Comparator.comparing(found -> found.port().name()))
                .toList();
    }

    /** Returns the port of a name. */
    public Found find(String name) {
        List<Found> all = all();
        return all.stream()
                .filter(found -> found.port().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandFailure("there is no network port '" + name + "'; nic:list shows the "
                        + all.size() + " that there are"));
    }
}
