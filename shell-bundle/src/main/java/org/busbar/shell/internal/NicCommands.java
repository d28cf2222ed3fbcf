package org.busbar.shell.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.LinkState;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortStatistics;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.Table;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Network ports. */
@Component(service = NicCommands.class, property = {"osgi.command.scope=nic", "osgi.command.function=list"})
public final class NicCommands {

    private final Map<ServiceReference<NetworkPort>, NetworkPort> ports = new ConcurrentSkipListMap<>();

    @Reference(service = NetworkPort.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, unbind = "leave")
    void come(ServiceReference<NetworkPort> reference, NetworkPort port) {
        ports.put(reference, port);
    }

    void leave(ServiceReference<NetworkPort> reference) {
        ports.remove(reference);
    }

    /** A port in its JSON form. */
    private record View(String name, String mac, LinkState link, int mtu, PortStatistics statistics) {}

    @Descriptor("lists the network ports that drivers offer, with link and counters")
    public String list(
            @Descriptor("JSON instead of a table") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json) {
        List<View> views = views();
        if (json) {
            return Json.of(views);
        }
        Table table = new Table("NAME", "MAC", "LINK", "MTU", "RECEIVED", "SENT", "ERRORS", "DROPPED");
        for (View view : views) {
            PortStatistics counters = view.statistics();
            table.row(
                    view.name(),
                    view.mac(),
                    view.link().toString(),
                    Integer.toString(view.mtu()),
                    Long.toString(counters.receivedFrames()),
                    Long.toString(counters.sentFrames()),
                    Long.toString(counters.receiveErrors()),
                    Long.toString(counters.receiveDropped()));
        }
        return table.size() == 0 ? "no network ports" : table.toString();
    }

    private List<View> views() {
        List<View> views = new ArrayList<>();
        for (NetworkPort port : ports.values()) {
            try {
                views.add(new View(port.name(), port.mac().toString(), port.link(), port.mtu(), port.statistics()));
            } catch (DeviceGoneException e) {
                // It went while it was looked at: it is not in the list.
            }
        }
        views.sort(Comparator.comparing(View::name));
        return views;
    }
}
