package org.busbar.bench.report;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * The page. Every peer that ran is in every table, whoever wins; what did not run is not there.
 *
 * <p>Ratios are paired: taken within a round, between medians of that round, then the spread over rounds is shown.
 */
public final class Report {

    private static final String SUBJECT = "busbar";
    private static final double NANOS_PER_MILLI = 1e6;

    private final List<Measurement> measurements;

    /** A page from all measurements of one run. */
    public Report(List<Measurement> measurements) {
        this.measurements = List.copyOf(measurements);
    }

    /** Renders the targets, and a table for each phase, in Markdown. */
    public String markdown() {
        StringBuilder page = new StringBuilder(new Targets(measurements).markdown());
        Map<String, List<Measurement>> phases =
                measurements.stream()
                        .collect(Collectors.groupingBy(Measurement::phase, TreeMap::new, Collectors.toList()));
        phases.forEach((phase, rows) -> {
            page.append("\n## ").append(phase).append("\n\n");
            page.append("| devices | start | peer | n | CPU ms: median (min to max) | wall ms: median (min to max) "
                    + "| CPU, times Busbar's: median (min to max) |\n");
            page.append("|---:|---|---|---:|---:|---:|---:|\n");
            rows.stream()
                    .map(row -> new Cell(row.devices(), row.start(), row.peer()))
                    .distinct()
                    .sorted(Comparator.comparingInt(Cell::devices)
                            .thenComparing(Cell::start)
                            .thenComparing(Cell::peer))
                    .forEach(cell -> page.append(line(cell, rows)));
        });
        return page.toString();
    }

    private static String line(Cell cell, List<Measurement> rows) {
        List<Measurement> mine = cell.of(rows);
        List<Measurement> subject = new Cell(cell.devices, cell.start, SUBJECT).of(rows);
        Spread cpu = spread(mine, Measurement::cpuNanos);
        return "| %d | %s | %s | %d | %s | %s | %s |\n"
                .formatted(
                        cell.devices,
                        cell.start,
                        cell.peer,
                        cpu.count(),
                        millis(cpu),
                        millis(spread(mine, Measurement::wallNanos)),
                        cell.peer.equals(SUBJECT) ? "1" : ratios(mine, subject));
    }

    private static String ratios(List<Measurement> peer, List<Measurement> subject) {
        TreeSet<Integer> rounds =
                peer.stream().map(Measurement::round).collect(Collectors.toCollection(TreeSet::new));
        rounds.retainAll(subject.stream().map(Measurement::round).toList());
        if (rounds.isEmpty()) {
            return "not measured";
        }
        Spread ratios = Spread.of(
                rounds.stream().map(round -> median(peer, round) / median(subject, round)).toList());
        return String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", ratios.median(), ratios.min(), ratios.max());
    }

    private static double median(List<Measurement> rows, int round) {
        return spread(rows.stream().filter(row -> row.round() == round).toList(), Measurement::cpuNanos)
                .median();
    }

    private static Spread spread(List<Measurement> rows, ToLongFunction<Measurement> time) {
        return Spread.of(rows.stream().map(time::applyAsLong).toList());
    }

    private static String millis(Spread nanos) {
        return String.format(
                Locale.ROOT,
                "%.3f (%.3f to %.3f)",
                nanos.median() / NANOS_PER_MILLI,
                nanos.min() / NANOS_PER_MILLI,
                nanos.max() / NANOS_PER_MILLI);
    }

    private record Cell(int devices, String start, String peer) {

        List<Measurement> of(List<Measurement> rows) {
            return rows.stream()
                    .filter(row -> row.devices() == devices
                            && row.start().equals(start)
                            && row.peer().equals(peer))
                    .toList();
        }
    }
}
