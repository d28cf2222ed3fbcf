package org.busbar.shell.net.internal.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.Table;
import org.busbar.shell.internal.text.Times;
import org.busbar.shell.internal.words.CommandFailure;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code nic:jobs}, {@code nic:stop} and {@code nic:await}. */
@Component(service = JobCommands.class, property = {
    "osgi.command.scope=nic",
    "osgi.command.function=jobs",
    "osgi.command.function=stop",
    "osgi.command.function=await",
    "osgi.command.function=jobids"
})
public final class JobCommands {

    private final Jobs jobs;
    private final Runs runs;

    @Activate
    public JobCommands(@Reference Jobs jobs, @Reference Runs runs) {
        this.jobs = jobs;
        this.runs = runs;
    }

    /** A job in its JSON form. */
    private record View(int id, String work, Instant started, boolean running, String state) {

        static View of(Job job) {
            String state = job.complaint().orElseGet(job.work()::progress);
            return new View(job.id(), job.work().title(), job.started(), job.isRunning(), state);
        }
    }

    @Descriptor("lists what runs on ports, and what has ended in the background")
    public String jobs(
            @Descriptor("JSON instead of a table") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json) {
        List<View> views = jobs.everything().stream().map(View::of).toList();
        if (json) {
            return Json.of(views);
        }
        Table table = new Table("JOB", "WORK", "BEGAN", "STATE");
        Instant now = Instant.now();
        views.forEach(view -> table.row(
                view.id() == 0 ? "-" : Integer.toString(view.id()),
                view.work(),
                Times.duration(Duration.between(view.started(), now)) + " ago",
                view.running() ? view.state() : "ended: " + view.state()));
        return table.size() == 0 ? "no jobs" : table.toString();
    }

    @Descriptor("ends a job, and reports what came of it; fails if the job has")
    public void stop(
            @Descriptor("JSON instead of text") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("number, see nic:jobs") int id) {
        runs.finish(jobs.find(id), json, System.out);
    }

    @Descriptor("waits until a job has ended by itself, and reports what came of it; fails if the job has")
    public void await(
            CommandSession session,
            @Descriptor("JSON instead of text") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("number, see nic:jobs") int id) {
        Job job = jobs.find(id);
        if (new Foreground(session).await(job.ended(), () -> {})) {
            throw new CommandFailure("job " + id + " goes on: " + job.work().progress());
        }
        runs.finish(job, json, System.out);
    }

    @Descriptor("returns the numbers of all jobs, for completion")
    public List<String> jobids() {
        return jobs.all().stream().map(job -> Integer.toString(job.id())).toList();
    }
}
