package org.busbar.shell.net.internal.lasting;

import java.time.Duration;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.net.LinkState;
import org.busbar.net.PortStatistics;
import org.busbar.port.Port;
import org.busbar.port.PortCard;
import org.busbar.port.PortHistory;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.Table;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.net.internal.Ports;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code port:list} and {@code port:show}. */
@Component(service = LastingCommands.class, property = {
    "osgi.command.scope=port",
    "osgi.command.function=list",
    "osgi.command.function=show",
    "osgi.command.function=names"
})
public final class LastingCommands {

    private final Supplier<List<Port>> ports;

    @Activate
    public LastingCommands(@Reference Ports ports) {
        this(ports::lasting);
    }

    LastingCommands(Supplier<List<Port>> ports) {
        this.ports = ports;
    }

    /** A port in its JSON form; pauses in microseconds. */
    private record View(
            String name,
            String state,
            String mac,
            LinkState link,
            int mtu,
            List<Way> cards,
            SequencedMap<String, String> settings,
            SequencedMap<String, String> shortfalls,
            PortStatistics statistics,
            long driversLost,
            long dropped,
            long unconfirmed,
            long pauses,
            long lastPause,
            long longestPause) {

        static View of(Port port) {
            PortHistory history = port.history();
            return new View(
                    port.name(),
                    port.state().name(),
                    port.mac().toString(),
                    port.link(),
                    port.mtu(),
                    port.cards().stream().map(Way::of).toList(),
                    port.settings(),
                    port.shortfalls(),
                    port.statistics(),
                    history.driversLost(),
                    history.dropped(),
                    history.unconfirmed(),
                    history.pauses(),
                    micros(history.lastPause()),
                    micros(history.longestPause()));
        }

        private static long micros(Duration duration) {
            return duration.toNanos() / 1000;
        }

        String active() {
            return cards.stream().filter(Way::active).map(Way::name).findFirst().orElse("-");
        }
    }

    /** A card in its JSON form. */
    private record Way(String name, String device, boolean active, String refusal) {

        static Way of(PortCard card) {
            return new Way(card.name(), card.device(), card.active(), card.refusal().orElse(""));
        }

        String text() {
            String where = device.isEmpty() ? name : name + " (" + device + ")";
            return where + (active ? ", in use" : ", not used: " + refusal);
        }
    }

    private List<View> views() {
        return ports.get().stream().map(View::of).toList();
    }

    @Descriptor("lists the ports that outlive their drivers, with what updates and pulled cards have cost")
    public String list(
            @Descriptor("JSON instead of a table") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json) {
        List<View> views = views();
        if (json) {
            return Json.of(views);
        }
        if (views.isEmpty()) {
            return "there is no port";
        }
        Table table = new Table("PORT", "STATE", "CARD", "CHANGES", "LAST", "LONGEST", "LOST", "LACKS");
        views.forEach(view -> table.row(
                view.name(),
                view.state(),
                view.active(),
                Long.toString(view.driversLost()),
                pause(view.lastPause()),
                pause(view.longestPause()),
                Long.toString(view.dropped() + view.unconfirmed()),
                view.shortfalls().isEmpty() ? "-" : String.join(" ", view.shortfalls().keySet())));
        return table.toString();
    }

    @Descriptor("shows a port: its cards, what was chosen for it, and what has happened to it")
    public String show(
            @Descriptor("JSON instead of text") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("name, see port:list") String name) {
        View view = find(name);
        if (json) {
            return Json.of(view);
        }
        Fields fields = new Fields();
        fields.add("port", view.name());
        fields.add("state", view.state());
        fields.add("link", view.link().toString());
        fields.add("mac", view.mac());
        fields.add("mtu", view.mtu());
        view.cards().forEach(card -> fields.add("card", card.text()));
        view.settings()
                .forEach((key, value) -> fields.add(
                        "set " + key,
                        value + (view.shortfalls().containsKey(key)
                                ? ", not in force: " + view.shortfalls().get(key)
                                : "")));
        view.shortfalls().forEach((key, why) -> {
            if (!view.settings().containsKey(key)) {
                fields.add(key, "not in use: " + why);
            }
        });
        fields.add("frames", view.statistics().receivedFrames() + " received, " + view.statistics().sentFrames()
                + " sent, over all drivers");
        fields.add("lost", view.dropped() + " frames to be sent without a driver, " + view.unconfirmed()
                + " at most in rings of drivers that left");
        fields.add("changes", "the driver or the card has left " + view.driversLost() + " times");
        fields.add("pauses", view.pauses() + ", the last of " + pause(view.lastPause()) + ", the longest of "
                + pause(view.longestPause()));
        return fields.show(false);
    }

    private View find(String name) {
        return ports.get()
                .stream()
                .filter(port -> port.name().equals(name) || port.identity().equals(name))
                .findFirst()
                .map(View::of)
                .orElseThrow(() -> new CommandFailure("there is no port '" + name + "'; port:list shows all"));
    }

    private static String pause(long micros) {
        return micros < 10_000 ? micros + " us" : micros / 1000 + " ms";
    }

    @Descriptor("returns the names of all ports that outlive their drivers, for scripts and completion")
    public List<String> names() {
        return ports.get().stream().map(Port::name).toList();
    }
}
