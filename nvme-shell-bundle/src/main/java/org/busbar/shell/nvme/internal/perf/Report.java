package org.busbar.shell.nvme.internal.perf;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.busbar.block.BlockStatus;
import org.busbar.shell.internal.text.Times;

/** The report of a run, for people. Its {@link #title} is shown when the run begins. */
final class Report {

    private final Outcome outcome;
    private final StringBuilder text = new StringBuilder();

    private Report(Outcome outcome) {
        this.outcome = outcome;
    }

    static String of(Outcome outcome) {
        Report report = new Report(outcome);
        report.head();
        report.direction("read", outcome.tally().reads());
        report.direction("write", outcome.tally().writes());
        report.rest();
        report.histogram("reads", outcome.tally().reads());
        report.histogram("writes", outcome.tally().writes());
        return report.text.toString().stripTrailing();
    }

    private void head() {
        String ended = outcome.interrupted()
                ? ", ended by the user"
                : outcome.failure().isPresent()
                        ? ", ended early"
                        : "";
        line("ran", String.format(Locale.ROOT, "%.2f s%s", outcome.seconds(), ended));
        if (outcome.failure().isPresent()) {
            Tally tally = outcome.tally();
            line("requests", String.format(Locale.ROOT, "%,d begun, %,d ended, %,d of them well",
                    tally.acceptedCount(), tally.completedCount(), outcome.done()));
        }
    }

    /** Returns in one line what a run does. */
    static String title(Plan plan) {
        PerfOptions options = plan.options();
        String mix = options.pattern().mixed() ? " (" + options.readPercent() + " % reads)" : "";
        return options.device() + "  " + options.pattern().text() + mix + ", " + Times.bytes(options.requestBytes())
                + " per request, depth " + options.depth() + ", "
                + (options.threads() == 1 ? "1 thread" : options.threads() + " threads") + ", "
                + options.waitingText() + (options.verify() ? ", verified" : "");
    }

    private void direction(String what, Histogram latencies) {
        long count = latencies.getTotalCount();
        if (count == 0) {
            return;
        }
        long bytes = outcome.plan().options().requestBytes();
        double perSecond = outcome.perSecond(count);
        line(what, String.format(
                Locale.ROOT,
                "%,d IOPS, %,.1f MB/s (%,d requests, %s)",
                Math.round(perSecond),
                perSecond * bytes / 1e6,
                count,
                Times.bytes(count * bytes)));
        StringBuilder latency = new StringBuilder("latency mean ").append(Latencies.time(latencies.getMean()));
        latency.append(", min ").append(Latencies.time((double) latencies.getMinValue()));
        for (double percentile : Latencies.PERCENTILES) {
            latency.append(", p")
                    .append(number(percentile))
                    .append(' ')
                    .append(Latencies.time((double) latencies.getValueAtPercentile(percentile)));
        }
        line("", latency.append(", max ")
                .append(Latencies.time((double) latencies.getMaxValue()))
                .toString());
    }

    static String number(double percentile) {
        return percentile == Math.rint(percentile) ? Long.toString((long) percentile) : Double.toString(percentile);
    }

    private void rest() {
        Tally tally = outcome.tally();
        line("cpu", Latencies.time(outcome.perRequest(tally.cpuNanos())) + " per request in the threads that ask, "
                + Latencies.time(outcome.perRequest(outcome.processCpu().toNanos())) + " in the whole process");
        line("garbage", String.format(Locale.ROOT, "%,d bytes in the threads that ask, %.3f per request",
                tally.allocatedBytes(), outcome.perRequest(tally.allocatedBytes())));
        String errors = errors(tally);
        line("errors", errors.isEmpty() ? "none" : errors);
        if (outcome.plan().options().verify()) {
            long unmarked = outcome.plan().remembers() ? 0 : tally.count(Stamp.Verdict.UNMARKED);
            line("verify", String.format(
                    Locale.ROOT, "%,d blocks checked, %,d wrong", outcome.judged(), outcome.wrong())
                    + (unmarked == 0 ? "" : String.format(Locale.ROOT, ", %,d without a mark", unmarked)));
        }
    }

    private static String errors(Tally tally) {
        return List.of(BlockStatus.values())
                .stream()
                .filter(status -> status != BlockStatus.OK && tally.count(status) > 0)
                .map(status -> String.format(Locale.ROOT, "%,d %s", tally.count(status), status))
                .collect(Collectors.joining(", "));
    }

    private void histogram(String what, Histogram latencies) {
        if (latencies.getTotalCount() > 0) {
            text.append("latency of ").append(what).append('\n');
            text.append(Latencies.draw(latencies));
        }
    }

    private void line(String label, String value) {
        text.append(String.format(Locale.ROOT, "%-8s  %s%n", label, value));
    }
}
