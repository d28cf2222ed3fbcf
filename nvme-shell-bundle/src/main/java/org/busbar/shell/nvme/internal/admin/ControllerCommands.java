package org.busbar.shell.nvme.internal.admin;

import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeLogs;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.internal.text.HexDump;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.words.Arguments;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.internal.words.Quantities;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What controllers are, and how they fare. These commands change nothing. */
@Component(service = ControllerCommands.class, property = {
    "osgi.command.scope=nvme",
    "osgi.command.function=identify",
    "osgi.command.function=smart",
    "osgi.command.function=log",
    "osgi.command.function=status",
    "osgi.command.function=controllers"
})
public final class ControllerCommands {

    private static final int CNS_NAMESPACE = 0x00;
    private static final int CNS_CONTROLLER = 0x01;
    private static final int DEFAULT_LOG_BYTES = 512;
    private static final int MOST_LOG_BYTES = 1 << 20;
    private static final int MOST_ERRORS = 64;
    private static final String TARGET = "controller (e000:01:00.0) or namespace (e000:01:00.0/n1)";

    private static final Arguments.Syntax LOG_SYNTAX = new Arguments.Syntax()
            .option("--bytes", "--log-len")
            .option("--offset", "--lpo")
            .option("--lsp")
            .flag("--raw", "-r")
            .flag("--json", "-j");

    private final Controllers controllers;

    @Activate
    public ControllerCommands(@Reference Controllers controllers) {
        this.controllers = controllers;
    }

    @Descriptor("shows what a controller or namespace says of itself")
    public String identify(
            @Descriptor("JSON instead of text") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("the whole structure, in hex") @Parameter(names = {"-r",
                "--raw"}, presentValue = "true", absentValue = "false") boolean raw,
            @Descriptor(TARGET) String name) {
        Controllers.Target target = controllers.target(name);
        NvmeController controller = target.controller();
        if (raw) {
            int cns = target.nsid().isPresent() ? CNS_NAMESPACE : CNS_CONTROLLER;
            return HexDump.of(
                    Admin.ask(deadline -> controller.identify(cns, target.nsid().orElse(0), deadline)), 0);
        }
        return target.nsid().isPresent()
                ? IdentityText.namespace(Admin.ask(deadline -> controller.namespace(target.namespace(), deadline)))
                        .show(json)
                : IdentityText.controller(controller.identity()).show(json);
    }

    @Descriptor("shows the health of a controller: SMART")
    public String smart(
            @Descriptor("JSON instead of text") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor(TARGET) String name) {
        return health(controllers.target(name)).show(json);
    }

    @Descriptor("shows a log page: error, smart, firmware, or a number; -r in hex, --bytes N, --offset N, --lsp N")
    public String log(@Descriptor("controller, page and options") String... words) {
        Arguments arguments = LOG_SYNTAX.parse(List.of(words));
        if (arguments.plain().size() != 2) {
            throw new CommandFailure("nvme:log CONTROLLER PAGE; pages are error, smart, firmware or a number");
        }
        Controllers.Target target = controllers.target(arguments.plain().getFirst());
        NvmeLogs logs = target.controller().logs();
        String page = arguments.plain().getLast();
        boolean json = arguments.has("--json");
        if (arguments.has("--raw")) {
            return raw(target, number(page), arguments);
        }
        return switch (page) {
            case "error" -> {
                var entries = Admin.ask(deadline -> logs.errors(MOST_ERRORS, deadline));
                yield json ? Json.of(LogText.errorValues(entries)) : LogText.errors(entries);
            }
            case "smart" -> health(target).show(json);
            case "firmware" -> LogText.firmware(Admin.ask(logs::firmware)).show(json);
            default -> raw(target, number(page), arguments);
        };
    }

    private static Fields health(Controllers.Target target) {
        int nsid = target.nsid().orElse(NvmeController.ALL_NAMESPACES);
        return LogText.health(Admin.ask(deadline -> target.controller().logs().health(nsid, deadline)));
    }

    private static int number(String page) {
        return switch (page) {
            case "error" -> NvmeLogs.ERROR;
            case "smart" -> NvmeLogs.SMART;
            case "firmware" -> NvmeLogs.FIRMWARE;
            default -> {
                try {
                    yield Math.toIntExact(Quantities.number(page));
                } catch (IllegalArgumentException | ArithmeticException e) {
                    throw new CommandFailure("'" + page + "' is no log page: error, smart, firmware or a number", e);
                }
            }
        };
    }

    private static String raw(Controllers.Target target, int page, Arguments arguments) {
        int bytes = arguments.number("--bytes", DEFAULT_LOG_BYTES, 4, MOST_LOG_BYTES);
        int offset = arguments.number("--offset", 0, 0, Integer.MAX_VALUE);
        int specific = arguments.number("--lsp", 0, 0, 127);
        int nsid = target.nsid().orElse(NvmeController.ALL_NAMESPACES);
        NvmeLogs logs = target.controller().logs();
        return HexDump.of(
                Admin.ask(deadline -> logs.read(page, nsid, specific, offset, bytes, deadline)), offset);
    }

    @Descriptor("shows what the driver does with a controller, its namespaces, and the latest events")
    public String status(
            @Descriptor("JSON instead of text") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("controller") String name) {
        NvmeController controller = controllers.target(name).controller();
        return StatusText.of(controller, Admin.ask(controller::namespaces)).show(json);
    }

    @Descriptor("returns the names of all controllers, for scripts and completion")
    public List<String> controllers() {
        return controllers.all().stream().map(NvmeController::name).toList();
    }
}
