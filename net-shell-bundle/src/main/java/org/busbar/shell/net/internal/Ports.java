package org.busbar.shell.net.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.busbar.net.NetworkPort;
import org.busbar.port.Port;
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
    private final Services<Port> lasting;
    /** What the user and commands have asked of each port that is there. */
    private final Map<ServiceReference<?>, Promiscuity> promiscuities = new ConcurrentHashMap<>();

    @Activate
    public Ports(BundleContext context) {
        ports = Services.of(context, NetworkPort.class);
        lasting = Services.of(context, Port.class);
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

    private Found found(Services.Offered<? extends NetworkPort> offered) {
        return new Found(
                offered.service(),
                offered.text("busbar.device"),
                offered.text("busbar.driver"),
                promiscuities.computeIfAbsent(offered.reference(), _ -> new Promiscuity(offered.service())));
    }

    /** Returns those of drivers, by name. */
    public List<Found> all() {
        return sorted(ports.now().map(this::found));
    }

    private List<Found> sorted(Stream<Found> found) {
        promiscuities.keySet().removeIf(reference -> reference.getBundle() == null);
        return found.sorted(Comparator.comparing(one -> one.port().name())).toList();
    }

    /** Returns those that outlive drivers, by name. */
    public List<Port> lasting() {
        return lasting.now().map(Services.Offered::service).sorted(Comparator.comparing(Port::name)).toList();
    }

    /** Returns the names of all, of drivers and those that outlive them. */
    public List<String> names() {
        return Stream.concat(all().stream().map(Found::port), lasting().stream()).map(NetworkPort::name).toList();
    }

    /** Returns the port of a name, of a driver or one that outlives drivers, if there is one. */
    public Optional<Found> lookUp(String name) {
        return sorted(Stream.concat(ports.now(), lasting.now()).map(this::found))
                .stream()
                .filter(found -> found.port().name().equals(name))
                .findFirst();
    }

    /** Returns the port of a name, as {@link #lookUp}. */
    public Found find(String name) {
        return lookUp(name)
                .orElseThrow(() -> new CommandFailure("there is no network port '" + name + "'; nic:list shows the "
                        + all().size() + " that there are, and port:list those that outlive their drivers"));
    }
}
