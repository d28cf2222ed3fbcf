package org.busbar.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/** What was aimed at, and what came of it. A target that could not be judged is listed as such, one that was missed too. */
final class Targets {

    private static final double NANOS_PER_MILLI = 1e6;
    private static final String BUSBAR = "busbar";
    private static final String DPDK = "dpdk";

    private final List<Measurement> measurements;
    private final StringBuilder table = new StringBuilder();

    Targets(List<Measurement> measurements) {
        this.measurements = measurements;
    }

    /** A row of the tables below: what one peer took for one phase. */
    private record Series(String peer, String phase, String start, int devices) {

        boolean has(Measurement row) {
            return row.peer().equals(peer)
                    && row.phase().equals(phase)
                    && row.start().equals(start)
                    && row.devices() == devices;
        }
    }

    String markdown() {
        table.append("\n## Targets\n\n| target | figure | met |\n|---|---:|---|\n");
        Series scan = new Series(BUSBAR, "first", "warm", 4096);
        atLeast("rescan, nothing changed, 4096 devices: DPDK's CPU time is at least 100 times Busbar's", 100,
                ratio(new Series(DPDK, "rescan", "warm", 4096), new Series(BUSBAR, "rescan", "warm", 4096)));
        atLeast("first scan, 4096 devices, Busbar warm, DPDK's only one: DPDK's CPU time is at least 8 times Busbar's",
                8,
                ratio(new Series(DPDK, "first", "cold", 4096), scan));
        told("the same, Busbar cold as well: DPDK's CPU time, times Busbar's",
                ratio(new Series(DPDK, "first", "cold", 4096), new Series(BUSBAR, "first", "cold", 4096)));
        atMost("the same: Busbar's CPU time is at most 1.5 times that of C", 1.5,
                ratio(scan, new Series("floor", "first", "warm", 4096)));
        for (int devices : new int[] {16, 256}) {
            atMost("process start and first scan, " + devices + " devices: Busbar's CPU time is at most DPDK's", 1,
                    ratio(new Series(BUSBAR, "start", "cold", devices), new Series(DPDK, "start", "cold", devices)));
            atMost("the same with an AOT cache", 1, ratio(
                    new Series("busbar_aot", "start", "cold", devices), new Series(DPDK, "start", "cold", devices)));
            told("of that, process start without a scan: Busbar's CPU time with an AOT cache, times that of DPDK's start",
                    ratio(new Series("busbar_aot", "start_nopci", "cold", devices),
                            new Series(DPDK, "start", "cold", devices)));
        }
        atMostMillis("64 drivers of 16 ids arrive, 4096 devices: under 5 ms", 5,
                new Series(BUSBAR, "match", "warm", 4096));
        atMostMillis("4096 devices are looked up in the index of those drivers: under 5 ms", 5,
                new Series(BUSBAR, "match_index", "warm", 4096));
        atMostMillis("hot insert to bound, 4096 devices: under 1 ms", 1,
                new Series(BUSBAR, "hot_insert", "warm", 4096));
        told("first scan, 65536 devices: DPDK's CPU time, times Busbar's (warm)",
                ratio(new Series(DPDK, "first", "cold", 65536), new Series(BUSBAR, "first", "warm", 65536)));
        told("rescan, nothing changed, 65536 devices: DPDK's CPU time (its first), times Busbar's (warm)",
                ratio(new Series(DPDK, "rescan", "cold", 65536), new Series(BUSBAR, "rescan", "warm", 65536)));
        linear("first", "warm");
        linear("rescan", "warm");
        linear("bring_up", "cold");
        return table.toString();
    }

    /** C's growth stands beside Busbar's: what the kernel's own listing costs more than linearly is nobody's else. */
    private void linear(String phase, String start) {
        OptionalDouble floor = growth("floor", phase, start);
        String beside = floor.isPresent() ? String.format(Locale.ROOT, " (C: %.2f times)", floor.getAsDouble()) : "";
        atMost("65536 devices, " + phase + ": CPU time for each device is at most 1.5 times that with 4096" + beside,
                1.5,
                growth(BUSBAR, phase, start));
    }

    private OptionalDouble growth(String peer, String phase, String start) {
        return ratio(new Series(peer, phase, start, 65536), new Series(peer, phase, start, 4096), 16);
    }

    private void atLeast(String what, double limit, OptionalDouble ratio) {
        row(what, ratio, "%.2f times", ratio.orElse(0) >= limit);
    }

    private void atMost(String what, double limit, OptionalDouble ratio) {
        row(what, ratio, "%.2f times", ratio.orElse(0) <= limit);
    }

    private void atMostMillis(String what, double limit, Series series) {
        OptionalDouble millis = median(series, Measurement::wallNanos);
        row(what + " (wall)", millis, "%.3f ms", millis.orElse(0) <= limit);
    }

    /** A figure without a target. */
    private void told(String what, OptionalDouble ratio) {
        table.append("| ").append(what).append(" | ");
        ratio.ifPresent(figure -> table.append(String.format(Locale.ROOT, "%.2f times", figure)));
        table.append(" | ").append(ratio.isPresent() ? "" : "not measured").append(" |\n");
    }

    private void row(String what, OptionalDouble figure, String format, boolean met) {
        table.append("| ").append(what).append(" | ");
        if (figure.isPresent()) {
            table.append(String.format(Locale.ROOT, format, figure.getAsDouble())).append(met ? " | yes" : " | **no**");
        } else {
            table.append("| not measured");
        }
        table.append(" |\n");
    }

    private OptionalDouble median(Series series, ToLongFunction<Measurement> time) {
        List<Long> times = measurements.stream().filter(series::has).map(time::applyAsLong).toList();
        return times.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(Spread.of(times).median() / NANOS_PER_MILLI);
    }

    private OptionalDouble ratio(Series one, Series other) {
        return ratio(one, other, 1);
    }

    /** The median, over rounds, of the ratio of the medians of CPU time in a round; {@code per} times the other's is 1. */
    private OptionalDouble ratio(Series one, Series other, double per) {
        TreeSet<Integer> rounds = new TreeSet<>();
        measurements.stream().filter(one::has).map(Measurement::round).forEach(rounds::add);
        List<Double> ratios = rounds.stream()
                .filter(round -> measurements.stream().anyMatch(row -> row.round() == round && other.has(row)))
                .map(round -> cpu(one, round) / cpu(other, round) / per)
                .toList();
        return ratios.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Spread.of(ratios).median());
    }

    private double cpu(Series series, int round) {
        return Spread.of(measurements.stream()
                .filter(row -> row.round() == round && series.has(row))
                .map(Measurement::cpuNanos)
                .toList())
                .median();
    }
}
