package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.felix.service.command.Descriptor;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.Times;
import org.busbar.shell.internal.words.Arguments;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.nvme.internal.Devices;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code nvme:export} and {@code nvme:unexport}. */
@Component(service = ExportCommands.class, property = {
    "osgi.command.scope=nvme",
    "osgi.command.function=export",
    "osgi.command.function=unexport",
    "osgi.command.function=exports"
})
public final class ExportCommands {

    private static final String HELP = """
            nvme:export DEVICE [OPTION]...   lets NBD clients of this machine use a block device
              --write           clients may write; otherwise they may only read
              --socket PATH     listen at a Unix socket there (run/nbd/DEVICE.sock in Busbar's home)
              --port N          listen at a TCP port instead, on 127.0.0.1 only; 0 for any
              --connections N   how many clients there may be at a time             (16)
            nvme:export --list [--json]      what is exported, and what clients have done
            nvme:unexport DEVICE             ends an export; clients' requests are finished""";

    private static final Arguments.Syntax SYNTAX = new Arguments.Syntax()
            .flag("--write")
            .option("--socket")
            .option("--port")
            .option("--connections")
            .flag("--list", "-l")
            .flag("--json", "-j")
            .flag("--help", "-h");

    private final Devices devices;
    private final Exports exports;
    private final Path sockets;

    @Activate
    public ExportCommands(@Reference Devices devices, @Reference Exports exports, BundleContext context) {
        this.devices = devices;
        this.exports = exports;
        String home = Objects.requireNonNullElse(context.getProperty("busbar.home"), ".");
        sockets = Path.of(home).resolve("run/nbd");
    }

    /** An export in its JSON form. */
    private record View(
            String device,
            String uri,
            boolean writable,
            long size,
            int connections,
            long requests,
            long errors,
            long bytesRead,
            long bytesWritten) {

        static View of(Export export) {
            Statistics statistics = export.statistics();
            return new View(
                    export.offer().name(),
                    export.uri(),
                    export.offer().writable(),
                    export.offer().bytes(),
                    export.connections(),
                    statistics.requests(),
                    statistics.errors(),
                    statistics.bytesRead(),
                    statistics.bytesWritten());
        }

        /** Two lines, the first of which is as long as it has to be: somebody will want to copy it. */
        String text() {
            return device + "  " + (writable ? "rw" : "ro") + "  " + uri + "\n    " + connections
                    + (connections == 1 ? " client, " : " clients, ") + requests + " requests, " + errors + " errors, "
                    + Times.bytes(bytesRead) + " read, " + Times.bytes(bytesWritten) + " written";
        }
    }

    @Descriptor("lets NBD clients use a block device; nvme:export --help lists the options")
    public String export(@Descriptor("device and options") String... words) {
        Arguments arguments = SYNTAX.parse(List.of(words));
        if (arguments.has("--help")) {
            return HELP;
        }
        if (arguments.has("--list")) {
            return list(arguments.has("--json"));
        }
        Devices.Found found = devices.find(arguments.only("device"));
        String name = found.device().name();
        Limits limits = Limits.DEFAULT.withConnections(
                arguments.number("--connections", Limits.DEFAULT.connections(), 1, 256));
        String description = (found.model() + " " + found.serial()).strip();
        Offer offer = new Offer(name, description, found.plain(), arguments.has("--write"), limits);
        Place place = place(arguments, name);
        try {
            Export export = exports.add(offer, place);
            return name
                    + (offer.writable() ? " can be read and written at " : " can be read (not written: no --write) at ")
                    + export.uri();
        } catch (IOException e) {
            throw new CommandFailure("cannot listen at " + place.uri() + ": " + e.getMessage(), e);
        }
    }

    private Place place(Arguments arguments, String name) {
        if (arguments.has("--port")) {
            if (arguments.has("--socket")) {
                throw new CommandFailure("--port or --socket, not both");
            }
            return new Place.Port(arguments.number("--port", Nbd.PORT, 0, 65_535));
        }
        return new Place.Socket(arguments.text("--socket")
                .map(Path::of)
                .orElseGet(() -> sockets.resolve(name.replaceAll("[:/]", "-") + ".sock"))
                .toAbsolutePath());
    }

    private String list(boolean json) {
        List<View> views = exports.all().stream().map(View::of).toList();
        if (json) {
            return Json.of(views);
        }
        return views.isEmpty()
                ? "nothing is exported"
                : String.join("\n", views.stream().map(View::text).toList());
    }

    @Descriptor("ends the export of a block device")
    public String unexport(@Descriptor("name, see nvme:export --list") String name) {
        if (!exports.remove(name)) {
            throw new CommandFailure(name + " is not exported; nvme:export --list shows what is");
        }
        return name + " is not exported any more";
    }

    @Descriptor("returns the names of all exported devices, for scripts and completion")
    public List<String> exports() {
        return exports.all().stream().map(export -> export.offer().name()).toList();
    }
}
