package org.busbar.shell.net.internal.run;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.felix.service.command.CommandSession;
import org.busbar.device.DeviceGoneException;
import org.busbar.shell.internal.words.Arguments;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.internal.words.Quantities;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Runs work for a command, before the user's eyes or in the background. */
@Component(service = Runs.class)
public final class Runs {

    /** What the options mean that {@link #syntax} adds, for a command's help. */
    public static final String HELP = """
            -t, --time TIME        end after so long, 10s or 5m for example
            -b, --background       go on behind the session: nic:jobs shows it, nic:stop ends it
            -j, --json             the report as JSON""".indent(2).stripTrailing();

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Jobs jobs;

    @Activate
    public Runs(@Reference Jobs jobs) {
        this.jobs = jobs;
    }

    /** Returns the options that all commands have whose work goes on. */
    public static Arguments.Syntax syntax() {
        return new Arguments.Syntax()
                .flag("--help", "-h")
                .flag("--json", "-j")
                .flag("--background", "-b")
                .option("--time", "-t");
    }

    /**
     * Does work and reports; in the background it says only that it has begun.
     *
     * @throws CommandFailure if it cannot begin, or did not end as it should
     */
    public void run(CommandSession session, Work work, Arguments arguments) {
        Optional<Duration> time = arguments.value("--time", Quantities::duration);
        PrintStream out = System.out; // the session's, or the pipe's behind it
        open(work);
        Stop stop = new Stop(time);
        if (arguments.has("--background")) {
            Job job = jobs.start(work, stop);
            out.println("job " + job.id() + ": " + work.title());
            return;
        }
        if (!arguments.has("--json")) {
            out.println(work.title());
            out.flush();
        }
        Job job = jobs.startForeground(work, stop);
        watch(new Foreground(session), job);
        finish(job, arguments.has("--json"), out);
    }

    private static void open(Work work) {
        try {
            work.open();
        } catch (IOException | DeviceGoneException | IllegalArgumentException | UnsupportedOperationException e) {
            try {
                work.close();
            } catch (IOException | DeviceGoneException again) {
                e.addSuppressed(again);
            }
            throw new CommandFailure(work.title() + ": " + e.getMessage(), e);
        }
    }

    private static void watch(Foreground foreground, Job job) {
        long[] last = {System.nanoTime()};
        foreground.await(job.ended(), () -> {
            long now = System.nanoTime();
            if (now - last[0] >= TICK_NANOS) {
                last[0] = now;
                foreground.live(job.work().progress() + "   (Ctrl-C ends it)");
            }
        });
        foreground.endLive();
    }

    /** Has a job end, if it has not, and shows what came of it. */
    void finish(Job job, boolean json, PrintStream out) {
        try {
            job.end();
        } catch (InterruptedException e) { // a second Ctrl-C: no more patience
            Thread.currentThread().interrupt();
        }
        jobs.forget(job);
        out.println(job.work().report().show(json));
        out.flush();
        job.complaint().ifPresent(complaint -> {
            throw new CommandFailure(job.work().title() + ": " + complaint);
        });
    }
}
