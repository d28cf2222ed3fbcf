package org.busbar.shell.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.device.Deadline;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus;
import org.busbar.pci.PciBus.RescanResult;
import org.busbar.shell.internal.text.Json;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The operator's verbs. Each returns once what it causes is done. */
@Component(service = PciVerbCommands.class, property = {
    "osgi.command.scope=pci",
    "osgi.command.function=rescan",
    "osgi.command.function=attach",
    "osgi.command.function=detach",
    "osgi.command.function=bind",
    "osgi.command.function=unbind",
    "osgi.command.function=settle",
    "osgi.command.function=await"
})
public final class PciVerbCommands {

    private static final String ADDRESS = "address, for example 0000:02:00.0";
    private static final int DEFAULT_SECONDS = 10;

    private final PciBus bus;

    @Activate
    public PciVerbCommands(@Reference PciBus bus) {
        this.bus = bus;
    }

    @Descriptor("compares the bus with what is known of it, and applies the difference")
    public String rescan(
            @Descriptor("JSON instead of words") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json) {
        RescanResult result = Verb.get(() -> bus.rescan(Verb.deadline()));
        if (json) {
            return Json.of(result);
        }
        List<String> lines = new ArrayList<>();
        lines.add(result.added().size() + " added, " + result.removed().size() + " removed, "
                + result.replaced().size() + " replaced");
        result.added().forEach(address -> lines.add("+  " + address));
        result.removed().forEach(address -> lines.add("-  " + address));
        result.replaced().forEach(address -> lines.add("~  " + address));
        result.problems().forEach(problem -> lines.add("!  " + problem));
        return String.join("\n", lines);
    }

    @Descriptor("scans one address and matches what is there; ends a detach, forgets failures")
    public String attach(@Descriptor(ADDRESS) String address) {
        Verb.run(() -> bus.attach(PciAddress.parse(address), Verb.deadline()));
        return state(address);
    }

    @Descriptor("takes a function from its driver, and leaves it alone until attached")
    public String detach(@Descriptor(ADDRESS) String address) {
        Functions.at(bus, address);
        Verb.run(() -> bus.detach(PciAddress.parse(address), Verb.deadline()));
        return state(address);
    }

    @Descriptor("has a function driven by a certain driver")
    public String bind(
            @Descriptor(ADDRESS) String address,
            @Descriptor("name of a driver that matches, see pci:drivers") String driver) {
        Functions.at(bus, address);
        Verb.run(() -> bus.bind(PciAddress.parse(address), driver, Verb.deadline()));
        return state(address);
    }

    @Descriptor("takes a function from its driver; it stays unbound until bound or attached")
    public String unbind(@Descriptor(ADDRESS) String address) {
        Functions.at(bus, address);
        Verb.run(() -> bus.unbind(PciAddress.parse(address), Verb.deadline()));
        return state(address);
    }

    @Descriptor("waits until everything that has been noticed is done")
    public String settle() {
        return settle(DEFAULT_SECONDS);
    }

    @Descriptor("waits until everything that has been noticed is done")
    public String settle(@Descriptor("how long to wait at most, in seconds") int seconds) {
        Verb.run(() -> bus.settle(Deadline.after(Duration.ofSeconds(seconds))));
        return "settled";
    }

    @Descriptor("waits until a function is in a state: a state of pci:list, present or gone")
    public String await(@Descriptor(ADDRESS) String address, @Descriptor("the state") String state) {
        return await(address, state, DEFAULT_SECONDS);
    }

    @Descriptor("waits until a function is in a state: a state of pci:list, present or gone")
    public String await(
            @Descriptor(ADDRESS) String address,
            @Descriptor("the state") String state,
            @Descriptor("how long to wait at most, in seconds") int seconds) {
        PciAddress wanted = Verb.get(() -> PciAddress.parse(address));
        StateWait wait = Verb.get(() -> new StateWait(bus, wanted, state));
        Verb.run(() -> wait.until(Deadline.after(Duration.ofSeconds(seconds))));
        return wanted + " is " + state;
    }

    private String state(String address) {
        var function = Functions.at(bus, address);
        String state = function.state().state.toLowerCase(Locale.ROOT);
        return function.device().address() + " is " + state + ": " + function.state().reason;
    }
}
