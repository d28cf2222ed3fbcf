package org.busbar.shell.nvme.internal.admin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmePassthrough;
import org.busbar.shell.internal.text.HexDump;
import org.busbar.shell.internal.words.Arguments;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.internal.words.Quantities;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code nvme:passthru}: any command, word by word, where the configuration has opened that way. */
@Component(service = PassthruCommand.class, property = {"osgi.command.scope=nvme", "osgi.command.function=passthru"})
public final class PassthruCommand {

    private static final String HELP = """
            nvme:passthru CONTROLLER[/nNSID] --opcode N [OPTION]...   sends a raw command; passthrough=true in
                                  conf/org.busbar.driver.nvme.cfg opens this
              --io                on an I/O queue instead of the admin queue
              --cdw2 N ...        command dwords 2, 3 and 10 to 15, decimal or 0x hex      (0)
              --data-len SIZE     bytes that come back, or go out, as the opcode says      (0)
              --input-file FILE   what goes out; zeroes without it
              --output-file FILE  where to put what comes back, instead of showing it""";

    private static final Arguments.Syntax SYNTAX = syntax();

    private final Controllers controllers;

    @Activate
    public PassthruCommand(@Reference Controllers controllers) {
        this.controllers = controllers;
    }

    private static Arguments.Syntax syntax() {
        Arguments.Syntax syntax = new Arguments.Syntax()
                .option("--opcode", "-o")
                .option("--data-len", "-l")
                .option("--input-file", "-i")
                .option("--output-file")
                .flag("--io")
                .flag("--help", "-h");
        for (int dword : new int[] {2, 3, 10, 11, 12, 13, 14, 15}) {
            syntax.option("--cdw" + dword);
        }
        return syntax;
    }

    @Descriptor("sends a raw command to a controller; nvme:passthru --help lists the options")
    public String passthru(@Descriptor("controller or namespace, and options") String... words) {
        Arguments arguments = SYNTAX.parse(List.of(words));
        if (arguments.has("--help")) {
            return HELP;
        }
        Controllers.Target target = controllers.target(arguments.only("controller"));
        NvmeCommand command = command(arguments, target.nsid().orElse(0));
        byte @Nullable [] data = data(arguments, command);
        ByteBuffer buffer = data == null ? null : ByteBuffer.wrap(data);
        NvmeCompletion completion = Admin.ask(deadline -> {
            NvmePassthrough passthrough = target.controller().passthrough();
            return arguments.has("--io")
                    ? passthrough.io(command, buffer, deadline)
                    : passthrough.admin(command, buffer, deadline);
        });
        if (!completion.status().isSuccess()) {
            throw new CommandFailure("the controller refused: " + completion.status());
        }
        String result = "result 0x" + Long.toHexString(completion.result());
        return data != null && command.receives() ? result + '\n' + received(arguments, data) : result;
    }

    static NvmeCommand command(Arguments arguments, int nsid) {
        if (!arguments.has("--opcode")) {
            throw new CommandFailure("--opcode is needed; nvme:passthru --help lists the options");
        }
        return new NvmeCommand(
                arguments.number("--opcode", 0, 0, 255),
                nsid,
                dword(arguments, 2),
                dword(arguments, 3),
                dword(arguments, 10),
                dword(arguments, 11),
                dword(arguments, 12),
                dword(arguments, 13),
                dword(arguments, 14),
                dword(arguments, 15));
    }

    private static int dword(Arguments arguments, int number) {
        return arguments.value("--cdw" + number, text -> {
            long value = Quantities.number(text);
            if (value < Integer.MIN_VALUE || value > 0xffff_ffffL) {
                throw new IllegalArgumentException("has 32 bits, " + text + " has more");
            }
            return (int) value;
        }).orElse(0);
    }

    private static byte @Nullable [] data(Arguments arguments, NvmeCommand command) {
        long bytes = arguments.value("--data-len", Quantities::bytes).orElse(0L);
        if (bytes > NvmePassthrough.MAX_DATA) {
            throw new CommandFailure("--data-len: at most " + NvmePassthrough.MAX_DATA + " bytes");
        }
        if (bytes == 0) {
            return null;
        }
        if (!command.sends() && !command.receives()) {
            throw new CommandFailure("opcode 0x%02x carries no data: its lowest two bits say so"
                    .formatted(command.opcode()));
        }
        byte[] data = new byte[(int) bytes];
        if (command.sends() && arguments.has("--input-file")) {
            read(Path.of(arguments.text("--input-file").orElseThrow()), data);
        }
        return data;
    }

    private static void read(Path file, byte[] data) {
        try {
            byte[] content = Files.readAllBytes(file);
            if (content.length > data.length) {
                throw new CommandFailure(file + " has " + content.length + " bytes, --data-len says " + data.length);
            }
            System.arraycopy(content, 0, data, 0, content.length);
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static String received(Arguments arguments, byte[] data) {
        if (!arguments.has("--output-file")) {
            return HexDump.of(data, 0);
        }
        Path file = Path.of(arguments.text("--output-file").orElseThrow());
        try {
            Files.write(file, data);
            return data.length + " bytes in " + file;
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
