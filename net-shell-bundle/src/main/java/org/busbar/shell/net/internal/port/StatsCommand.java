package org.busbar.shell.net.internal.port;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.busbar.net.NetworkPort;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.words.Arguments;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.internal.words.Quantities;
import org.busbar.shell.net.internal.Ask;
import org.busbar.shell.net.internal.Ports;
import org.busbar.shell.net.internal.run.Foreground;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code nic:stats}. */
@Component(service = StatsCommand.class, property = {"osgi.command.scope=nic", "osgi.command.function=stats"})
public final class StatsCommand {

    private static final String HELP =
            """
                    nic:stats PORT [OPTION]...       what a port has counted since its driver took it, and how much that is per second
                      -x, --extended         each queue, and all that device and driver count
                      -n, --count N          show it so often; on a terminal until Ctrl-C, elsewhere once, without rates
                      -i, --interval TIME    so far apart                                    (1s)
                      -j, --json             JSON instead of a table""";

    private static final Arguments.Syntax SYNTAX = new Arguments.Syntax()
            .flag("--extended", "-x")
            .option("--count", "-n")
            .option("--interval", "-i")
            .flag("--json", "-j")
            .flag("--help", "-h");

    private static final String HOME_AND_ERASE = "\u001b[H\u001b[2J";
    private static final Duration LEAST_INTERVAL = Duration.ofMillis(10);

    private final Ports ports;

    @Activate
    public StatsCommand(@Reference Ports ports) {
        this.ports = ports;
    }

    @Descriptor("shows what a port counts, live on a terminal; nic:stats --help lists the options")
    public String stats(CommandSession session, @Descriptor("port and options") String... words) {
        Arguments arguments = SYNTAX.parse(List.of(words));
        if (arguments.has("--help")) {
            return HELP;
        }
        NetworkPort port = ports.find(arguments.only("port")).port();
        boolean extended = arguments.has("--extended");
        boolean json = arguments.has("--json");
        Duration interval = arguments.value("--interval", Quantities::duration).orElse(Duration.ofSeconds(1));
        if (interval.compareTo(LEAST_INTERVAL) < 0 || interval.compareTo(Duration.ofDays(1)) > 0) {
            throw new CommandFailure("--interval has to be 10ms to 24h");
        }
        Foreground foreground = new Foreground(session);
        Sample first = sample(port, extended);
        boolean live = !arguments.has("--count") && foreground.isTerminal() && !json;
        if (!live && !arguments.has("--count")) {
            return json ? Json.of(first.values(first)) : first.table(first);
        }
        int count = arguments.number("--count", Integer.MAX_VALUE, 1, Integer.MAX_VALUE);
        Sample before = first;
        for (int i = 0; i < count; i++) {
            if (waited(foreground, interval)) {
                break;
            }
            Sample now = sample(port, extended);
            if (live) {
                session.getConsole().print(HOME_AND_ERASE);
            }
            System.out.println(json ? Json.of(now.values(before)) : port.name() + "\n" + now.table(before));
            System.out.flush();
            before = now;
        }
        return "";
    }

    private static Sample sample(NetworkPort port, boolean extended) {
        return Ask.of(port, () -> Sample.of(port, extended));
    }

    /** Returns whether the user wants no more. */
    private static boolean waited(Foreground foreground, Duration interval) {
        CountDownLatch over = new CountDownLatch(1);
        long end = System.nanoTime() + interval.toNanos();
        if (foreground.isTerminal()) {
            return foreground.await(over, () -> {
                if (System.nanoTime() - end >= 0) {
                    over.countDown();
                }
            });
        }
        try {
            return over.await(interval.toNanos(), TimeUnit.NANOSECONDS); // nobody counts it down: time, or an interrupt
        } catch (InterruptedException e) {
            return true;
        }
    }
}
