package org.busbar.shell.net.internal.tap;

import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.busbar.net.tap.TapDevices;
import org.busbar.shell.internal.words.Arguments;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.net.internal.Ports;
import org.busbar.shell.net.internal.run.Runs;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code nic:tap}. */
@Component(service = TapCommand.class, property = {"osgi.command.scope=nic", "osgi.command.function=tap"})
public final class TapCommand {

    private static final String HELP = """
            nic:tap PORT NAME [OPTION]...    joins a port to a TAP interface of the kernel, so that any program uses it
              -p, --promiscuous      receive frames for all stations, for a bridge for example

            The interface gets the port's address and MTU, and is set up; give it IP addresses as any other:
              ip address add 10.7.0.1/24 dev NAME
            It is made if it is not there, which needs CAP_NET_ADMIN; or root makes it for you beforehand:
              ip tuntap add dev NAME mode tap user YOU
              ip link set NAME address MAC mtu MTU up

            """ + Runs.HELP;

    private static final Arguments.Syntax SYNTAX = Runs.syntax().flag("--promiscuous", "-p");

    private final Ports ports;
    private final Runs runs;
    private final TapDevices taps;

    @Activate
    public TapCommand(@Reference Ports ports, @Reference Runs runs, @Reference TapDevices taps) {
        this.ports = ports;
        this.runs = runs;
        this.taps = taps;
    }

    @Descriptor("joins a port to a TAP interface, so that any program uses it; nic:tap --help lists the options")
    public void tap(CommandSession session, @Descriptor("port, name of the interface and options") String... words) {
        Arguments arguments = SYNTAX.parse(List.of(words));
        if (arguments.has("--help")) {
            System.out.println(HELP);
            return;
        }
        List<String> plain = arguments.plain();
        if (plain.size() != 2) {
            throw new CommandFailure("nic:tap PORT NAME; nic:tap --help says more");
        }
        TapWork work = new TapWork(ports.find(plain.getFirst()), taps, plain.getLast(), arguments.has("--promiscuous"));
        runs.run(session, work, arguments);
    }
}
