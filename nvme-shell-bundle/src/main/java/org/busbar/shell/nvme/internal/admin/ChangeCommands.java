package org.busbar.shell.nvme.internal.admin;

import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.busbar.nvme.ControllerIdentity.Capability;
import org.busbar.nvme.FormatRequest;
import org.busbar.nvme.NamespaceIdentity;
import org.busbar.nvme.NamespaceIdentity.LbaFormat;
import org.busbar.nvme.NvmeController;
import org.busbar.shell.internal.text.Times;
import org.busbar.shell.internal.words.Arguments;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.internal.words.Quantities;
import org.busbar.shell.nvme.internal.Confirmation;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What can be done to controllers and namespaces. */
@Component(service = ChangeCommands.class, property = {
    "osgi.command.scope=nvme",
    "osgi.command.function=format",
    "osgi.command.function=reset",
    "osgi.command.function=attach",
    "osgi.command.function=detach"
})
public final class ChangeCommands {

    private static final String FORMAT_HELP = """
            nvme:format NAMESPACE [OPTION]...   formats a namespace: all its data is lost
              --lbaf N            index of the format, as nvme:identify NAMESPACE lists them (the one in use)
              --block-size SIZE   the format with blocks of that size and no metadata
              --ses N             0: no erase, 1: erase user data, 2: destroy the key    (0)
              --pi N              type of protection information, 0 to 3                 (0)
              --metadata-inline   metadata follows each block in the data
              --yes               do not ask""";

    private static final Arguments.Syntax FORMAT = new Arguments.Syntax()
            .option("--lbaf", "-l")
            .option("--block-size", "-b")
            .option("--ses", "-s")
            .option("--pi", "-i")
            .flag("--metadata-inline")
            .flag("--yes", "--force", "-f")
            .flag("--help", "-h");

    private final Controllers controllers;
    private final Confirmation confirmation;

    @Activate
    public ChangeCommands(@Reference Controllers controllers, @Reference Confirmation confirmation) {
        this.controllers = controllers;
        this.confirmation = confirmation;
    }

    @Descriptor("formats a namespace, all of whose data is lost; nvme:format --help lists the options")
    public String format(CommandSession session, @Descriptor("namespace and options") String... words) {
        Arguments arguments = FORMAT.parse(List.of(words));
        if (arguments.has("--help")) {
            return FORMAT_HELP;
        }
        String name = arguments.only("namespace");
        Controllers.Target target = controllers.target(name);
        NvmeController controller = target.controller();
        int nsid = target.namespace();
        NamespaceIdentity before = Admin.ask(deadline -> controller.namespace(nsid, deadline));
        FormatRequest request = request(arguments, nsid, before);
        LbaFormat format = before.formats().get(request.format());
        if (!arguments.has("--yes")) {
            confirmation.require(session, warning(name, before, controller), "--yes");
        }
        Admin.order(Admin.LONG_PATIENCE, deadline -> controller.format(request, deadline));
        return name + " is formatted with blocks of " + Times.bytes(format.blockSize())
                + (format.metadataBytes() == 0 ? "" : " and " + format.metadataBytes() + " bytes of metadata");
    }

    private static String warning(String name, NamespaceIdentity before, NvmeController controller) {
        String size = Times.bytes(before.blocks() * before.lbaFormat().blockSize());
        boolean all = controller.identity().has(Capability.FORMAT_CONCERNS_ALL);
        return "This erases all data on " + name + " (" + size + ", " + controller.identity().model() + ", serial "
                + controller.identity().serial() + ")"
                + (all ? " and on all other namespaces of the controller." : ".");
    }

    static FormatRequest request(Arguments arguments, int nsid, NamespaceIdentity namespace) {
        Optional<Integer> bySize = arguments.value("--block-size", Quantities::bytes)
                .map(bytes -> index(namespace, bytes));
        if (bySize.isPresent() && arguments.has("--lbaf")) {
            throw new CommandFailure("--lbaf or --block-size, not both");
        }
        int format = arguments.number("--lbaf", bySize.orElse(namespace.format()), 0, namespace.formats().size() - 1);
        if (namespace.formats().get(format).blockSize() == 0) {
            throw new CommandFailure("--lbaf: format " + format + " cannot be used");
        }
        int protection = arguments.number("--pi", 0, 0, 3);
        if (protection != 0 && !namespace.protectionTypes().contains(protection)) {
            throw new CommandFailure("--pi: the namespace can have types " + namespace.protectionTypes());
        }
        FormatRequest.Erase erase =
                switch (arguments.number("--ses", 0, 0, 2)) {
                    case 1 -> FormatRequest.Erase.USER_DATA;
                    case 2 -> FormatRequest.Erase.CRYPTOGRAPHIC;
                    default -> FormatRequest.Erase.NONE;
                };
        return FormatRequest.of(nsid, format)
                .with(erase)
                .withProtection(protection, false)
                .withMetadataInline(arguments.has("--metadata-inline"));
    }

    private static int index(NamespaceIdentity namespace, long blockSize) {
        return namespace.formats()
                .stream()
                .filter(format -> format.blockSize() == blockSize && format.metadataBytes() == 0)
                .findFirst()
                .orElseThrow(() -> new CommandFailure("--block-size: no format has blocks of " + Times.bytes(blockSize)
                        + " and no metadata; nvme:identify lists the formats"))
                .index();
    }

    @Descriptor("resets a controller and starts it again; block queues stay open")
    public String reset(@Descriptor("controller") String name) {
        NvmeController controller = controllers.target(name).controller();
        Admin.order(controller::reset);
        return controller.name() + " was reset, and is "
                + controller.status().state().name().toLowerCase(java.util.Locale.ROOT);
    }

    @Descriptor("attaches a namespace to a controller; nvme:status lists those that can be")
    public String attach(@Descriptor("controller") String name, @Descriptor("namespace, a number") String nsid) {
        NvmeController controller = controllers.controller(name);
        int number = Controllers.nsid(nsid);
        Admin.order(deadline -> controller.attach(number, deadline));
        return name + "/n" + nsid + " is attached";
    }

    @Descriptor("detaches a namespace from its controller; it stays in the SSD")
    public String detach(@Descriptor("controller") String name, @Descriptor("namespace, a number") String nsid) {
        NvmeController controller = controllers.controller(name);
        int number = Controllers.nsid(nsid);
        Admin.order(deadline -> controller.detach(number, deadline));
        return name + "/n" + nsid + " is detached";
    }
}
