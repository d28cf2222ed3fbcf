package org.busbar.shell.net.internal.capture;

import java.nio.file.Path;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.busbar.net.NetworkPort;
import org.busbar.shell.internal.words.Arguments;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.net.internal.Ports;
import org.busbar.shell.net.internal.run.Runs;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code nic:capture} and {@code nic:replay}. */
@Component(service = CaptureCommands.class, property = {
    "osgi.command.scope=nic",
    "osgi.command.function=capture",
    "osgi.command.function=replay"
})
public final class CaptureCommands {

    private static final String CAPTURE_HELP = """
            nic:capture PORT FILE [OPTION]...   writes what a port receives into a pcapng file, for Wireshark and tshark
              -c, --count N          end after so many frames
              -s, --snap BYTES       keep so much of each frame at most
              -p, --no-promiscuous   only frames for this port's own address, for everybody and for chosen groups
              -f, --force            a file that is there already may be lost
            """ + Runs.HELP;

    private static final String REPLAY_HELP =
            """
                    nic:replay PORT FILE [OPTION]...    sends the frames of a pcapng or pcap file, as far apart as they were recorded
                      -r, --rate N           so many frames per second instead
                      --fast                 as fast as it goes
                      --speed X              so many times as fast as recorded, 2 or 0.5 for example
                      -l, --loop N           so many times over, 0 for ever                  (1)
                      -c, --count N          end after so many frames
                    """
                    + Runs.HELP;

    private static final Arguments.Syntax CAPTURE = Runs.syntax()
            .option("--count", "-c")
            .option("--snap", "-s")
            .flag("--no-promiscuous", "-p")
            .flag("--force", "-f");

    private static final Arguments.Syntax REPLAY = Runs.syntax()
            .option("--rate", "-r")
            .flag("--fast")
            .option("--speed")
            .option("--loop", "-l")
            .option("--count", "-c");

    private static final int LEAST_SNAP = 14;
    private static final int MOST_SNAP = 262_144;
    private static final double MOST_FACTOR = 1e9;

    private final Ports ports;
    private final Runs runs;

    @Activate
    public CaptureCommands(@Reference Ports ports, @Reference Runs runs) {
        this.ports = ports;
        this.runs = runs;
    }

    @Descriptor("writes what a port receives into a pcapng file; nic:capture --help lists the options")
    public void capture(CommandSession session, @Descriptor("port, file and options") String... words) {
        Arguments arguments = CAPTURE.parse(List.of(words));
        if (arguments.has("--help")) {
            System.out.println(CAPTURE_HELP);
            return;
        }
        Ports.Found found = ports.find(portAndFile(arguments, "nic:capture"));
        CaptureOptions options = new CaptureOptions(
                file(session, arguments),
                arguments.has("--force"),
                arguments.number("--count", 0, 1, Integer.MAX_VALUE),
                arguments.number("--snap", 0, LEAST_SNAP, MOST_SNAP),
                !arguments.has("--no-promiscuous"));
        runs.run(session, new CaptureWork(found, options), arguments);
    }

    @Descriptor("sends the frames of a capture file; nic:replay --help lists the options")
    public void replay(CommandSession session, @Descriptor("port, file and options") String... words) {
        Arguments arguments = REPLAY.parse(List.of(words));
        if (arguments.has("--help")) {
            System.out.println(REPLAY_HELP);
            return;
        }
        NetworkPort port = ports.find(portAndFile(arguments, "nic:replay")).port();
        long ways = List.of("--rate", "--fast", "--speed").stream().filter(arguments::has).count();
        if (ways > 1) {
            throw new CommandFailure("--rate, --fast or --speed, not several of them");
        }
        ReplayOptions options = new ReplayOptions(
                file(session, arguments),
                arguments.has("--rate")
                        ? ReplayOptions.Pacing.RATE
                        : arguments.has("--fast") ? ReplayOptions.Pacing.FAST : ReplayOptions.Pacing.RECORDED,
                arguments.value("--rate", CaptureCommands::positive).orElse(1.0),
                arguments.value("--speed", CaptureCommands::positive).orElse(1.0),
                arguments.number("--loop", 1, 0, Integer.MAX_VALUE),
                arguments.number("--count", 0, 1, Integer.MAX_VALUE));
        runs.run(session, new ReplayWork(port, options), arguments);
    }

    private static String portAndFile(Arguments arguments, String command) {
        if (arguments.plain().size() != 2) {
            throw new CommandFailure(command + " PORT FILE; " + command + " --help lists the options");
        }
        return arguments.plain().getFirst();
    }

    /** Relative to the session's folder, as all files are that a command names. */
    private static Path file(CommandSession session, Arguments arguments) {
        return session.currentDir().resolve(arguments.plain().getLast());
    }

    private static double positive(String text) {
        try {
            double number = Double.parseDouble(text);
            if (number > 0 && number <= MOST_FACTOR) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException("has to be a number above 0, at most 1000000000, not '" + text + "'");
    }
}
