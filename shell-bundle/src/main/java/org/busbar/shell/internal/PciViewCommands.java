package org.busbar.shell.internal;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.dto.BusDTO;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.device.dto.DriverDTO;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.ConfigSpace.Capability;
import org.busbar.pci.PciBus;
import org.busbar.pci.PciDevice;
import org.busbar.shell.internal.Functions.Function;
import org.busbar.shell.internal.text.CapabilityNames;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.PciNames;
import org.busbar.shell.internal.text.Table;
import org.busbar.shell.internal.text.Times;
import org.busbar.shell.internal.text.Why;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The commands that look at the bus and change nothing. */
@Component(service = PciViewCommands.class, property = {
    "osgi.command.scope=pci",
    "osgi.command.function=list",
    "osgi.command.function=tree",
    "osgi.command.function=show",
    "osgi.command.function=why",
    "osgi.command.function=drivers",
    "osgi.command.function=addresses",
    "osgi.command.function=drivernames"
})
public final class PciViewCommands {

    // PCI Local Bus 3.0, 6.1 and 6.2.3
    private static final int HEADER = 64;
    private static final int STATUS = 0x06;
    private static final int HAS_CAPABILITIES = 0x10;

    private final PciBus bus;
    private final Deployments jars;
    private final PciNames names = PciNames.ofThisMachine();

    @Activate
    public PciViewCommands(@Reference PciBus bus, BundleContext context) {
        this.bus = bus;
        jars = new Deployments(context);
    }

    @Descriptor("lists the functions on the bus: what they are, their state, who drives them")
    public String list(
            @Descriptor("JSON instead of a table") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json) {
        Functions functions = Functions.of(bus);
        if (json) {
            return Json.of(functions.all()
                    .stream()
                    .map(function -> FunctionView.of(function, names))
                    .toList());
        }
        Table table = new Table("ADDRESS", "ID", "CLASS", "NAME", "STATE", "DRIVER");
        for (Function function : functions.all()) {
            PciDevice device = function.device();
            table.row(
                    device.address().toString(),
                    device.ids().deviceText(),
                    names.kind(device.ids().classCode()),
                    names.device(device.ids()),
                    function.state().state.toLowerCase(Locale.ROOT),
                    Functions.driver(function));
        }
        return table.size() == 0 ? "no functions" : table.toString();
    }

    @Descriptor("draws the hosts and their functions as a tree")
    public String tree(
            @Descriptor("JSON instead of a drawing") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json) {
        return json ? Json.of(new TreeView(bus.hosts(), views())) : DeviceTree.draw(bus, names);
    }

    /** The tree in its JSON form. */
    private record TreeView(List<PciBus.HostStatus> hosts, List<FunctionView> functions) {}

    private List<FunctionView> views() {
        return Functions.of(bus)
                .all()
                .stream()
                .map(function -> FunctionView.of(function, names))
                .toList();
    }

    @Descriptor("shows everything that is known of a function")
    public String show(
            @Descriptor("JSON instead of lines") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("address, for example 0000:02:00.0") String address) {
        Function function = Functions.at(bus, address);
        if (json) {
            return Json.of(FunctionView.detailed(function, names));
        }
        return lines(function);
    }

    private String lines(Function function) {
        PciDevice device = function.device();
        DeviceDTO state = function.state();
        Sheet sheet = new Sheet();
        sheet.line("address", device.address() + ", generation " + state.generation + ", host " + device.host());
        device.slot().ifPresent(slot -> sheet.line("slot", slot));
        sheet.line("device", device.ids().deviceText() + "  " + names.device(device.ids()));
        sheet.line("subsystem", device.ids().subsystemText());
        sheet.line("class", device.ids().classText() + "  " + names.kind(device.ids().classCode()));
        device.revision().ifPresent(revision -> sheet.line("revision", "%02x".formatted(revision)));
        sheet.line("state", state.state.toLowerCase(Locale.ROOT) + ": " + state.reason);
        sheet.line("driver", Functions.driver(function));
        sheet.line("probes", Long.toString(state.probes));
        state.services.forEach(service -> sheet.line("offers", service));
        state.candidates.forEach(candidate -> sheet.line(
                "candidate",
                candidate.driver + " by " + candidate.key + ", score " + candidate.score
                        + (candidate.obstacle.isEmpty() ? "" : ": " + candidate.obstacle)));
        device.numaNode().ifPresent(node -> sheet.line("NUMA node", Integer.toString(node)));
        device.iommuGroup().ifPresent(group -> sheet.line("IOMMU group", Integer.toString(group)));
        bars(device, sheet);
        capabilities(device, sheet);
        return sheet.toString();
    }

    private static void bars(PciDevice device, Sheet sheet) {
        try {
            for (BarInfo bar : device.bars()) {
                sheet.line(
                        "BAR " + bar.index(),
                        Times.bytes(bar.size()) + ", " + bar.kind().name().toLowerCase(Locale.ROOT)
                                + (bar.prefetchable() ? ", prefetchable" : ""));
            }
        } catch (IOException e) {
            sheet.line("BARs", "cannot be read: " + e.getMessage());
        }
    }

    private static void capabilities(PciDevice device, Sheet sheet) {
        try {
            ConfigSpace config = device.config();
            for (Capability capability : config.capabilities()) {
                sheet.line(
                        "capability",
                        (capability.extended() ? "%03x  " : "%02x  ").formatted(capability.offset())
                                + CapabilityNames.of(capability) + (capability.extended() ? ", extended" : ""));
            }
            if (config.size() <= HEADER && (config.read16(STATUS) & HAS_CAPABILITIES) != 0) {
                sheet.line("capability", "there are some, but only the privileged can read them");
            }
        } catch (IOException | DeviceGoneException e) {
            sheet.line("capability", "cannot be read: " + e.getMessage());
        }
    }

    @Descriptor("says why a function is not bound, or by whom it is driven and why")
    public String why(@Descriptor("address, for example 0000:02:00.0") String address) {
        Function function = Functions.at(bus, address);
        return Why.of(
                function.state(),
                function.device().ids().deviceText(),
                function.device().kernelDriver(),
                Instant.now());
    }

    @Descriptor("lists the drivers, what they match and drive, and the jars in drivers/ that cannot be used")
    public String drivers(
            @Descriptor("JSON instead of a table") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json) {
        BusDTO snapshot = bus.snapshot();
        List<Deployments.Problem> problems = jars.problems();
        if (json) {
            return Json.of(new DriversView(snapshot.drivers, problems));
        }
        Table table = new Table("DRIVER", "BUNDLE", "VERSION", "MATCHES", "DRIVES");
        List<String> notes = new ArrayList<>();
        for (DriverDTO driver : snapshot.drivers) {
            table.row(
                    driver.name,
                    driver.bundle,
                    driver.version,
                    String.join(" ", driver.keys),
                    driver.devices.isEmpty() ? "-" : String.join(" ", driver.devices));
            if (!driver.problem.isEmpty()) {
                notes.add("!  " + driver.name + ": " + driver.problem);
            }
        }
        problems.forEach(problem -> notes.add("!  " + problem.file() + ": " + problem.text()));
        String listing = table.size() == 0 ? "no drivers; copy a driver bundle into drivers/" : table.toString();
        return notes.isEmpty() ? listing : listing + '\n' + String.join("\n", notes);
    }

    /** The drivers in their JSON form. */
    private record DriversView(List<DriverDTO> drivers, List<Deployments.Problem> problems) {}

    @Descriptor("returns the addresses of all functions, for scripts and completion")
    public List<String> addresses() {
        return bus.snapshot().devices.stream().map(device -> device.address).toList();
    }

    @Descriptor("returns the names of all drivers, for scripts and completion")
    public List<String> drivernames() {
        return bus.snapshot().drivers.stream().map(driver -> driver.name).toList();
    }
}
