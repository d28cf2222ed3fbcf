package org.busbar.shell.nvme.internal.volume;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.shell.internal.services.Services;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.Table;
import org.busbar.shell.internal.text.Times;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.volume.Volume;
import org.busbar.volume.VolumePath;
import org.busbar.volume.VolumeStatistics;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** {@code volume:list} and {@code volume:show}. */
@Component(service = VolumeCommands.class, property = {
    "osgi.command.scope=volume",
    "osgi.command.function=list",
    "osgi.command.function=show",
    "osgi.command.function=names"
})
public final class VolumeCommands {

    private final Services<Volume> volumes;

    @Activate
    public VolumeCommands(BundleContext context) {
        this(Services.of(context, Volume.class));
    }

    VolumeCommands(Services<Volume> volumes) {
        this.volumes = volumes;
    }

    /** A volume in its JSON form; pauses in microseconds. */
    private record View(
            String name,
            String state,
            long size,
            int blockSize,
            List<Way> paths,
            long requests,
            long reissued,
            long abandoned,
            long pathsLost,
            long powerLosses,
            long pauses,
            long lastPause,
            long longestPause) {

        static View of(Volume volume) {
            VolumeStatistics statistics = volume.statistics();
            return new View(
                    volume.name(),
                    volume.state().name(),
                    volume.blockCount() * volume.blockSize(),
                    volume.blockSize(),
                    volume.paths().stream().map(Way::of).toList(),
                    statistics.requests(),
                    statistics.reissued(),
                    statistics.abandoned(),
                    statistics.pathsLost(),
                    statistics.powerLosses(),
                    statistics.pauses(),
                    micros(statistics.lastPause()),
                    micros(statistics.longestPause()));
        }

        private static long micros(Duration duration) {
            return duration.toNanos() / 1000;
        }

        String active() {
            return paths.stream().filter(Way::active).map(Way::name).findFirst().orElse("-");
        }
    }

    /** A path in its JSON form. */
    private record Way(String name, String device, boolean active, String refusal) {

        static Way of(VolumePath path) {
            return new Way(path.name(), path.device(), path.active(), path.refusal().orElse(""));
        }

        String text() {
            String where = device.isEmpty() ? name : name + " (" + device + ")";
            return where + (active ? ", in use" : refusal.isEmpty() ? ", ready" : ", not used: " + refusal);
        }
    }

    private List<View> views() {
        return volumes.now()
                .map(offered -> View.of(offered.service()))
                .sorted(Comparator.comparing(View::name))
                .toList();
    }

    @Descriptor("lists the volumes: media, whoever drives them")
    public String list(
            @Descriptor("JSON instead of a table") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json) {
        List<View> views = views();
        if (json) {
            return Json.of(views);
        }
        if (views.isEmpty()) {
            return "there is no volume";
        }
        Table table = new Table("VOLUME", "STATE", "SIZE", "PATH", "PAUSES", "LONGEST");
        views.forEach(view -> table.row(
                view.name(),
                view.state(),
                Times.bytes(view.size()),
                view.active(),
                Long.toString(view.pauses()),
                pause(view.longestPause())));
        return table.toString();
    }

    @Descriptor("shows a volume: its paths, and what has happened to it")
    public String show(
            @Descriptor("JSON instead of text") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("name, see volume:list") String name) {
        View view = find(name);
        if (json) {
            return Json.of(view);
        }
        Fields fields = new Fields();
        fields.add("volume", view.name());
        fields.add("state", view.state());
        fields.add("size", Times.bytes(view.size()) + " in blocks of " + view.blockSize());
        view.paths().forEach(path -> fields.add("path", path.text()));
        fields.add("requests",
                view.requests() + ", " + view.reissued() + " reissued, " + view.abandoned() + " given up");
        fields.add("lost", view.pathsLost() + " paths, " + view.powerLosses() + " times power");
        fields.add("pauses", view.pauses() + ", the last of " + pause(view.lastPause()) + ", the longest of "
                + pause(view.longestPause()));
        return fields.show(false);
    }

    private View find(String name) {
        Optional<View> found = views().stream()
                .filter(view -> view.name().equals(name) || view.name().equals("volume/" + name))
                .findFirst();
        return found.orElseThrow(() -> new CommandFailure("there is no volume '" + name + "'; volume:list shows all"));
    }

    private static String pause(long micros) {
        return micros < 10_000 ? micros + " us" : micros / 1000 + " ms";
    }

    @Descriptor("returns the names of all volumes, for scripts and completion")
    public List<String> names() {
        return views().stream().map(View::name).toList();
    }
}
