package org.busbar.shell.net.internal.echo;

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

/** {@code nic:echo}. */
@Component(service = EchoCommand.class, property = {"osgi.command.scope=nic", "osgi.command.function=echo"})
public final class EchoCommand {

    private static final String HELP =
            """
                    nic:echo PORT ADDRESS... [OPTION]...   answers ARP or neighbour discovery, and pings, for addresses of IPv4 and IPv6
                    """
                    + Runs.HELP;

    private static final Arguments.Syntax SYNTAX = Runs.syntax();

    private final Ports ports;
    private final Runs runs;

    @Activate
    public EchoCommand(@Reference Ports ports, @Reference Runs runs) {
        this.ports = ports;
        this.runs = runs;
    }

    @Descriptor("answers ARP, neighbour discovery and pings for addresses; nic:echo --help lists the options")
    public void echo(CommandSession session, @Descriptor("port, addresses and options") String... words) {
        Arguments arguments = SYNTAX.parse(List.of(words));
        if (arguments.has("--help")) {
            System.out.println(HELP);
            return;
        }
        List<String> plain = arguments.plain();
        if (plain.size() < 2) {
            throw new CommandFailure("nic:echo PORT ADDRESS...; an address is 10.7.0.1 or fd00::1, for example");
        }
        NetworkPort port = ports.find(plain.getFirst()).port();
        runs.run(session, new EchoWork(port, plain.subList(1, plain.size())), arguments);
    }
}
