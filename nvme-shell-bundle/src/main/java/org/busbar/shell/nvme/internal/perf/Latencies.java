package org.busbar.shell.nvme.internal.perf;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** A histogram of latencies, in words and in numbers. Nanoseconds. */
final class Latencies {

    /** What is reported of a distribution. */
    static final List<Double> PERCENTILES = List.of(50.0, 90.0, 99.0, 99.9, 99.99);

    private static final int BAR = 40;

    private Latencies() {}

    /**
     * A range of latencies.
     *
     * @param from from how many nanoseconds on
     * @param to up to how many, exclusive
     * @param count how many requests took so long
     */
    record Bucket(long from, long to, long count) {}

    /** Returns how many requests took how long, in ranges as 1, 2, 5, 10, 20, 50 and so on limit them. */
    static List<Bucket> buckets(Histogram histogram) {
        List<Bucket> buckets = new ArrayList<>();
        long from = 0;
        long to = 1;
        long count = 0;
        for (HistogramIterationValue cell : histogram.recordedValues()) {
            while (cell.getValueIteratedTo() >= to) {
                if (count > 0 || !buckets.isEmpty()) {
                    buckets.add(new Bucket(from, to, count));
                }
                count = 0;
                from = to;
                to = next(to);
            }
            count += cell.getCountAddedInThisIterationStep();
        }
        if (count > 0) {
            buckets.add(new Bucket(from, to, count));
        }
        return buckets;
    }

    private static long next(long limit) {
        return Long.toString(limit).startsWith("2") ? limit / 2 * 5 : limit * 2;
    }

    /** Draws the buckets, one to a line. */
    static String draw(Histogram histogram) {
        StringBuilder text = new StringBuilder();
        List<Bucket> buckets = buckets(histogram);
        long most = buckets.stream().mapToLong(Bucket::count).max().orElse(1);
        for (Bucket bucket : buckets) {
            int bar = (int) Math.round((double) BAR * bucket.count() / most);
            String line = String.format(
                    Locale.ROOT,
                    "    %9s to %9s %7.3f %%  %s",
                    time((double) bucket.from()),
                    time((double) bucket.to()),
                    100.0 * bucket.count() / histogram.getTotalCount(),
                    bucket.count() > 0 && bar == 0 ? "|" : "#".repeat(bar));
            text.append(line.stripTrailing()).append('\n');
        }
        return text.toString();
    }

    /** Returns a time with three digits: {@code 830 ns}, {@code 12.4 us}, {@code 1.05 ms}. */
    static String time(double nanos) {
        if (nanos < 1_000) {
            return Math.round(nanos) + " ns";
        }
        if (nanos < 1_000_000) {
            return digits(nanos / 1e3) + " us";
        }
        return nanos < 1e9 ? digits(nanos / 1e6) + " ms" : digits(nanos / 1e9) + " s";
    }

    private static String digits(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }
}
