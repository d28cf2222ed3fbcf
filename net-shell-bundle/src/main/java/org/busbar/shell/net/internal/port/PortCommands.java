package org.busbar.shell.net.internal.port;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.LinkState;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;
import org.busbar.net.PortStatistics;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.Table;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.net.internal.Ask;
import org.busbar.shell.net.internal.Ports;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What ports there are and what they are, their settings, their lights, and resets. */
@Component(service = PortCommands.class, property = {
    "osgi.command.scope=nic",
    "osgi.command.function=list",
    "osgi.command.function=show",
    "osgi.command.function=set",
    "osgi.command.function=identify",
    "osgi.command.function=reset",
    "osgi.command.function=ports",
    "osgi.command.function=settings"
})
public final class PortCommands {

    private static final Duration RESET_PATIENCE = Duration.ofSeconds(30);
    private static final String PORT = "name, see nic:list";

    private final Ports ports;

    @Activate
    public PortCommands(@Reference Ports ports) {
        this.ports = ports;
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
        for (Ports.Found found : ports.all()) {
            NetworkPort port = found.port();
            try {
                views.add(new View(port.name(), port.mac().toString(), port.link(), port.mtu(), port.statistics()));
            } catch (DeviceGoneException e) {
                // It went while it was looked at: it is not in the list.
            }
        }
        return views;
    }

    @Descriptor("shows what a port is, what it can do and how it is set")
    public String show(
            @Descriptor("JSON instead of text") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor(PORT) String name) {
        Ports.Found found = ports.find(name);
        NetworkPort port = found.port();
        return Ask.of(port, () -> fields(found)).show(json);
    }

    private static Fields fields(Ports.Found found) {
        NetworkPort port = found.port();
        LinkState link = port.link();
        Fields fields = new Fields()
                .add("port", port.name())
                .add("device", found.device())
                .add("driver", found.driver())
                .add("link", link, link.toString())
                .add("mac", port.mac().toString())
                .add("mtu", port.mtu())
                .add("largest mtu", port.maxMtu())
                .add("queues", port.queues());
        if (port.features().contains(PortFeature.FLOW_CONTROL)) {
            fields.add("flow control", Ask.word(port.flowControl()));
        }
        port.receiveSpread().ifPresent(spread -> SpreadText.add(spread, fields));
        List<String> features = port.features().stream().sorted().map(Ask::word).toList();
        return fields.add("features", features, features.isEmpty() ? "none that is optional" : Ask.features(port));
    }

    @Descriptor("changes settings of a port: key=value, several at once; without any, lists the keys")
    public String set(@Descriptor(PORT) String name, @Descriptor("key=value") String... settings) {
        Ports.Found found = ports.find(name);
        return settings.length == 0
                ? Setting.table(found.port())
                : Changes.of(found, List.of(settings)).apply();
    }

    @Descriptor("lets a port's light blink, or no longer: on or off")
    public String identify(@Descriptor(PORT) String name, @Descriptor("on or off") String state) {
        NetworkPort port = ports.find(name).port();
        boolean on =
                switch (state) {
                    case "on" -> true;
                    case "off" -> false;
                    default -> throw new CommandFailure("nic:identify PORT on|off, not '" + state + "'");
                };
        Ask.require(port, PortFeature.LED, "nic:identify");
        Ask.to(port, () -> port.identify(on));
        return port.name() + (on ? " blinks; nic:identify " + port.name() + " off ends that" : " blinks no longer");
    }

    @Descriptor("resets a port, under its open queues; settings stay")
    public String reset(@Descriptor(PORT) String name) {
        NetworkPort port = ports.find(name).port();
        Ask.require(port, PortFeature.RESET, "nic:reset");
        Ask.to(port, () -> port.reset(Deadline.after(RESET_PATIENCE)));
        return port.name() + " was reset; link " + Ask.of(port, port::link);
    }

    @Descriptor("returns the names of all ports, for scripts and completion")
    public List<String> ports() {
        return ports.names();
    }

    @Descriptor("returns the keys that nic:set knows, for completion")
    public List<String> settings() {
        return Setting.keys().stream().map(key -> key + '=').toList();
    }
}
