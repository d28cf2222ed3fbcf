package org.busbar.shell.net.internal.traffic;

import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PacketPools;
import org.busbar.shell.internal.words.Arguments;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.internal.words.Quantities;
import org.busbar.shell.net.internal.Ports;
import org.busbar.shell.net.internal.run.Runs;
import org.busbar.shell.net.internal.wire.Literals;
import org.busbar.shell.net.internal.wire.Wire;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** {@code nic:forward}, {@code nic:generate} and {@code nic:sink}. */
@Component(service = TrafficCommands.class, property = {
    "osgi.command.scope=nic",
    "osgi.command.function=forward",
    "osgi.command.function=generate",
    "osgi.command.function=sink"
})
public final class TrafficCommands {

    private static final String FORWARD_HELP = """
            nic:forward A B [OPTION]...      what either of two ports receives the other sends
              -1, --one-way          only from A to B
              -p, --no-promiscuous   only frames for the ports' own addresses
              --copy                 copy frames even where the ports can share packets
              --batch N              so many frames at once                          (32)
            """ + Runs.HELP;

    private static final String GENERATE_HELP =
            """
                    nic:generate PORT --to MAC|PORT [OPTION]...   sends numbered frames (UDP, to the discard port), which nic:sink checks
                      --ip ADDRESS           IPv4 address that they are sent to              (198.18.0.2)
                      -s, --size N,N...      bytes of a frame, without check sequence, in turn  (60)
                      -r, --rate N           frames per second                               (all that the port takes)
                      -c, --count N          end after so many frames
                      --flows N              from so many UDP ports in turn, for a receiver that spreads  (1)
                      --batch N              so many frames at once                          (32)
                    """
                    + Runs.HELP;

    private static final String SINK_HELP =
            """
                    nic:sink PORT [OPTION]...        receives what nic:generate sends: counts, and looks for what is lost or damaged
                      -c, --count N          so many frames are to come; ends with the last
                      -p, --promiscuous      frames for other stations count as well
                    """
                    + Runs.HELP;

    private static final Arguments.Syntax FORWARD = Runs.syntax()
            .flag("--one-way", "-1")
            .flag("--no-promiscuous", "-p")
            .flag("--copy")
            .option("--batch");

    private static final Arguments.Syntax GENERATE = Runs.syntax()
            .option("--to")
            .option("--ip")
            .option("--size", "-s")
            .option("--rate", "-r")
            .option("--count", "-c")
            .option("--flows")
            .option("--batch");

    private static final Arguments.Syntax SINK = Runs.syntax().option("--count", "-c").flag("--promiscuous", "-p");

    private static final int SINK_IP = 0xc612_0002; // 198.18.0.2, RFC 2544
    private static final int MOST_SIZE = 65_535 + 14;
    private static final int MOST_SIZES = 64;
    private static final int MOST_BATCH = 1024;
    private static final int DEFAULT_BATCH = 32;
    private static final int MOST_FLOWS = 16_384;

    private final Ports ports;
    private final Runs runs;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile @Nullable PacketPools pools;

    @Activate
    public TrafficCommands(@Reference Ports ports, @Reference Runs runs) {
        this.ports = ports;
        this.runs = runs;
    }

    @Descriptor("passes frames between two ports; nic:forward --help lists the options")
    public void forward(CommandSession session, @Descriptor("two ports and options") String... words) {
        Arguments arguments = FORWARD.parse(List.of(words));
        if (arguments.has("--help")) {
            System.out.println(FORWARD_HELP);
            return;
        }
        List<String> plain = arguments.plain();
        if (plain.size() != 2 || plain.getFirst().equals(plain.getLast())) {
            throw new CommandFailure("nic:forward A B, two different ports");
        }
        ForwardOptions options = new ForwardOptions(
                !arguments.has("--one-way"),
                !arguments.has("--no-promiscuous"),
                arguments.has("--copy"),
                arguments.number("--batch", DEFAULT_BATCH, 1, MOST_BATCH));
        ForwardWork work = new ForwardWork(
                ports.find(plain.getFirst()), ports.find(plain.getLast()), Optional.ofNullable(pools), options);
        runs.run(session, work, arguments);
    }

    @Descriptor("sends numbered frames; nic:generate --help lists the options")
    public void generate(CommandSession session, @Descriptor("port and options") String... words) {
        Arguments arguments = GENERATE.parse(List.of(words));
        if (arguments.has("--help")) {
            System.out.println(GENERATE_HELP);
            return;
        }
        NetworkPort port = ports.find(arguments.only("port")).port();
        String to = arguments.text("--to")
                .orElseThrow(
                        () -> new CommandFailure("to whom? --to MAC, or --to PORT for another port of this Busbar"));
        GenerateOptions options = new GenerateOptions(
                station(to),
                arguments.value("--ip", TrafficCommands::ip).orElse(SINK_IP),
                arguments.value("--size", TrafficCommands::sizes).orElse(List.of(Template.LEAST)),
                arguments.number("--rate", 0, 1, Integer.MAX_VALUE),
                arguments.number("--count", 0, 1, Integer.MAX_VALUE),
                arguments.number("--flows", 1, 1, MOST_FLOWS),
                arguments.number("--batch", DEFAULT_BATCH, 1, MOST_BATCH));
        runs.run(session, new GenerateWork(port, options), arguments);
    }

    @Descriptor("receives and checks what nic:generate sends; nic:sink --help lists the options")
    public void sink(CommandSession session, @Descriptor("port and options") String... words) {
        Arguments arguments = SINK.parse(List.of(words));
        if (arguments.has("--help")) {
            System.out.println(SINK_HELP);
            return;
        }
        SinkOptions options = new SinkOptions(
                arguments.number("--count", 0, 1, Integer.MAX_VALUE), arguments.has("--promiscuous"));
        runs.run(session, new SinkWork(ports.find(arguments.only("port")), options), arguments);
    }

    private MacAddress station(String text) {
        Optional<Ports.Found> found = ports.lookUp(text);
        if (found.isPresent()) {
            return found.get().port().mac();
        }
        try {
            return MacAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("--to: '" + text + "' is neither a port, see nic:list, nor an Ethernet address",
                    e);
        }
    }

    private static int ip(String text) {
        InetAddress address = Literals.address(text);
        if (!(address instanceof Inet4Address)) {
            throw new IllegalArgumentException("has to be an address of IPv4, not " + text);
        }
        return Wire.i32(MemorySegment.ofArray(address.getAddress()), 0);
    }

    private static List<Integer> sizes(String text) {
        List<Integer> sizes = Arrays.stream(text.split(",", -1))
                .map(Quantities::number)
                .filter(size -> size >= Template.LEAST && size <= MOST_SIZE)
                .map(Long::intValue)
                .toList();
        if (sizes.size() != text.split(",", -1).length || sizes.size() > MOST_SIZES) {
            throw new IllegalArgumentException(
                    "frames have " + Template.LEAST + " to " + MOST_SIZE + " bytes, and at most "
                            + MOST_SIZES + " sizes take turns, not " + text);
        }
        return sizes;
    }
}
