package org.busbar.shell.nvme.internal.perf;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.busbar.shell.internal.console.CtrlC;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.Times;
import org.busbar.shell.internal.words.Arguments;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.nvme.internal.Confirmation;
import org.busbar.shell.nvme.internal.Devices;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code nvme:perf}. */
@Component(service = PerfCommand.class, property = {"osgi.command.scope=nvme", "osgi.command.function=perf"})
public final class PerfCommand {

    private static final String ERASE_LINE = "\r\u001b[K";

    private final Devices devices;
    private final Confirmation confirmation;

    @Activate
    public PerfCommand(@Reference Devices devices, @Reference Confirmation confirmation) {
        this.devices = devices;
        this.confirmation = confirmation;
    }

    @Descriptor("puts load on a block device and measures it; nvme:perf --help lists the options")
    public void perf(CommandSession session, @Descriptor("device and options") String... words) {
        PrintStream out = System.out; // the session's, or the pipe's behind it
        Arguments arguments = PerfOptions.arguments(List.of(words));
        if (arguments.has("--help")) {
            out.println(PerfOptions.HELP);
            return;
        }
        PerfOptions options = PerfOptions.of(arguments);
        Devices.Found found = devices.find(options.device());
        Plan plan = Plan.of(options, found.plain());
        if (options.pattern().writes() && !options.write()) {
            confirmation.require(
                    session,
                    options.pattern().text() + " overwrites data on " + options.device() + " ("
                            + Times.bytes(found.bytes()) + ", " + found.model() + ", serial " + found.serial() + ").",
                    "--write");
        }
        PerfRun run = new PerfRun(plan);
        Outcome outcome;
        try (CtrlC _ = CtrlC.does(session, run::stop)) {
            outcome = run.run(progress(session, plan, out));
        }
        if (confirmation.terminal()) {
            session.getConsole().print(ERASE_LINE);
        }
        out.println(options.json() ? Json.of(ReportData.of(outcome)) : Report.of(outcome));
        out.flush();
        outcome.complaint().ifPresent(complaint -> {
            throw new CommandFailure(complaint);
        });
    }

    private PerfRun.Progress progress(CommandSession session, Plan plan, PrintStream out) {
        return new Live(plan, out, session.getConsole(), confirmation.terminal());
    }

    /** What the run is, unless the report is for programs; and, on a terminal, a line that is written anew each second. */
    private static final class Live implements PerfRun.Progress {

        private final Plan plan;
        private final PrintStream out;
        private final PrintStream console;
        private final boolean terminal;
        private long before;
        private Duration last = Duration.ZERO;

        Live(Plan plan, PrintStream out, PrintStream console, boolean terminal) {
            this.plan = plan;
            this.out = out;
            this.console = console;
            this.terminal = terminal;
        }

        @Override
        public void begun() {
            if (!plan.options().json()) {
                out.println(Report.title(plan));
                out.flush();
            }
        }

        @Override
        public void tick(Duration elapsed, long requests, long errors) {
            if (!terminal) {
                return;
            }
            double seconds = elapsed.minus(last).toNanos() / 1e9;
            double iops = (requests - before) / seconds;
            before = requests;
            last = elapsed;
            console.print(ERASE_LINE + String.format(
                    Locale.ROOT,
                    "%s%,12d IOPS  %,9.1f MB/s  %,d requests%s   (Ctrl-C ends it)",
                    clock(elapsed),
                    Math.round(iops),
                    iops * plan.options().requestBytes() / 1e6,
                    requests,
                    errors == 0 ? "" : ", " + errors + " errors"));
            console.flush();
        }

        private String clock(Duration elapsed) {
            String now = elapsed.toSeconds() + " s";
            return plan.options().time().map(time -> now + " of " + time.toSeconds() + " s").orElse(now);
        }
    }
}
