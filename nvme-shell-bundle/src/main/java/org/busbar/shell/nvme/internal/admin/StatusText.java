package org.busbar.shell.nvme.internal.admin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.busbar.nvme.ControllerStatus;
import org.busbar.nvme.NamespaceSummary;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeEvent;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.internal.text.Times;

/** What the driver does with a controller. */
final class StatusText {

    private static final int EVENTS = 10;

    private StatusText() {}

    static Fields of(NvmeController controller, List<NamespaceSummary> namespaces) {
        ControllerStatus status = controller.status();
        List<NvmeEvent> events = controller.recentEvents();
        List<NvmeEvent> latest = events.subList(Math.max(0, events.size() - EVENTS), events.size());
        return new Fields()
                .add("state", word(status.state()))
                .add("since", status.since(), Times.clock(status.since()))
                .add("reason", status.reason())
                .add("queues_granted", status.ioQueues())
                .add("queues_open", status.ioQueuesOpen())
                .add("interrupt_vectors", status.interruptVectors())
                .add("resets", status.resets())
                .add("aborts", status.aborts())
                .add("stray_completions", status.strayCompletions())
                .add("events", status.events())
                .add("namespaces", namespaces.stream().map(StatusText::values).toList(), lines(
                        namespaces.stream().map(StatusText::text).toList()))
                .add("latest", events.stream().map(StatusText::values).toList(), lines(
                        latest.stream().map(StatusText::text).toList()));
    }

    private static String lines(List<String> lines) {
        return lines.isEmpty() ? "none" : "\n  " + String.join("\n  ", lines);
    }

    private static Map<String, Object> values(NamespaceSummary namespace) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("nsid", Integer.toUnsignedLong(namespace.nsid()));
        values.put("attached", namespace.active());
        values.put("device", namespace.device().orElse(""));
        values.put("problem", namespace.problem().orElse(""));
        return values;
    }

    private static String text(NamespaceSummary namespace) {
        String state = namespace.active() ? namespace.device().orElse("no block device") : "not attached";
        return Integer.toUnsignedString(namespace.nsid()) + "  " + state
                + namespace.problem().map(problem -> ": " + problem).orElse("");
    }

    private static Map<String, Object> values(NvmeEvent event) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("time", event.time());
        values.put("kind", word(event.kind()));
        values.put("nsid", Integer.toUnsignedLong(event.nsid()));
        values.put("text", event.text());
        return values;
    }

    private static String text(NvmeEvent event) {
        return Times.clock(event.time()) + "  " + "%-17s".formatted(word(event.kind())) + "  " + event.text();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
