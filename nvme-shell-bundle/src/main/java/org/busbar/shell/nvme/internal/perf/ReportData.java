package org.busbar.shell.nvme.internal.perf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.busbar.block.BlockStatus;
import org.jspecify.annotations.Nullable;

/**
 * The report of a run, for programs. Times are nanoseconds unless a name says otherwise.
 *
 * @param device name of the device
 * @param pattern as fio calls it
 * @param readPercent of a mixed pattern
 * @param requestBytes bytes per request
 * @param depth requests in flight per thread
 * @param threads how many threads
 * @param completions how completions were found
 * @param seconds how long it ran
 * @param interrupted whether the user ended it
 * @param failure why it failed, if it did
 * @param requests how many were accepted, have ended, and have ended well
 * @param read what reading came to
 * @param write what writing came to
 * @param cpuPerRequest in the threads that ask
 * @param processCpuPerRequest in the whole process
 * @param allocatedBytes in the threads that ask, from the first request to the end of the last
 * @param errors how many requests ended how, without those that went well
 * @param verify how many blocks were found how; nothing without verification
 */
record ReportData(
        String device,
        String pattern,
        int readPercent,
        long requestBytes,
        int depth,
        int threads,
        String completions,
        double seconds,
        boolean interrupted,
        @Nullable String failure,
        Requests requests,
        Direction read,
        Direction write,
        double cpuPerRequest,
        double processCpuPerRequest,
        long allocatedBytes,
        Map<String, Long> errors,
        @Nullable Map<String, Long> verify) {

    /** How many requests there were. */
    record Requests(long accepted, long ended, long done) {}

    /** One direction. */
    record Direction(
            long requests,
            double iops,
            double bytesPerSecond,
            double meanLatency,
            long minLatency,
            long maxLatency,
            Map<String, Long> percentiles,
            List<Latencies.Bucket> histogram) {

        static Direction of(Outcome outcome, Histogram latencies) {
            long count = latencies.getTotalCount();
            Map<String, Long> percentiles = new LinkedHashMap<>();
            for (double percentile : Latencies.PERCENTILES) {
                percentiles.put(Report.number(percentile), latencies.getValueAtPercentile(percentile));
            }
            return new Direction(
                    count,
                    outcome.perSecond(count),
                    outcome.perSecond(count) * outcome.plan().options().requestBytes(),
                    count == 0 ? 0 : latencies.getMean(),
                    count == 0 ? 0 : latencies.getMinValue(),
                    latencies.getMaxValue(),
                    percentiles,
                    Latencies.buckets(latencies));
        }
    }

    static ReportData of(Outcome outcome) {
        PerfOptions options = outcome.plan().options();
        Tally tally = outcome.tally();
        return new ReportData(
                options.device(),
                options.pattern().text(),
                options.readPercent(),
                options.requestBytes(),
                options.depth(),
                options.threads(),
                options.waitingText(),
                outcome.seconds(),
                outcome.interrupted(),
                outcome.complaint().orElse(null),
                new Requests(tally.acceptedCount(), tally.completedCount(), outcome.done()),
                Direction.of(outcome, tally.reads()),
                Direction.of(outcome, tally.writes()),
                outcome.perRequest(tally.cpuNanos()),
                outcome.perRequest(outcome.processCpu().toNanos()),
                tally.allocatedBytes(),
                errors(tally),
                options.verify() ? verdicts(tally) : null);
    }

    private static Map<String, Long> errors(Tally tally) {
        Map<String, Long> errors = new LinkedHashMap<>();
        for (BlockStatus status : BlockStatus.values()) {
            if (status != BlockStatus.OK && tally.count(status) > 0) {
                errors.put(status.name().toLowerCase(Locale.ROOT), tally.count(status));
            }
        }
        return errors;
    }

    private static Map<String, Long> verdicts(Tally tally) {
        Map<String, Long> verdicts = new LinkedHashMap<>();
        for (Stamp.Verdict verdict : Stamp.Verdict.values()) {
            verdicts.put(verdict.name().toLowerCase(Locale.ROOT), tally.count(verdict));
        }
        return verdicts;
    }
}
