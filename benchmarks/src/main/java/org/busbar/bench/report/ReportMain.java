package org.busbar.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes the page: {@code ReportMain RESULTS PREFACE PAGE}. The preface (a Markdown file) says how it was measured. */
public final class ReportMain {

    private ReportMain() {}

    /** A result line that cannot be read ends it with status 1 and no page: half a page would pass for a whole one. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 3) {
            System.err.println("usage: RESULTS PREFACE PAGE");
            System.exit(2);
        }
        Path results = Path.of(arguments[0]);
        List<Measurement> measurements = new ArrayList<>();
        List<String> lines = Files.readAllLines(results);
        for (int i = 0; i < lines.size(); i++) {
            try {
                measurements.add(Measurement.parse(lines.get(i)));
            } catch (IllegalArgumentException e) {
                System.err.println(results + ":" + (i + 1) + ": " + e.getMessage());
                System.exit(1);
            }
        }
        if (measurements.isEmpty()) {
            System.err.println(results + ": no results");
            System.exit(1);
        }
        String page = Files.readString(Path.of(arguments[1])) + new Report(measurements).markdown();
        Files.writeString(Path.of(arguments[2]), page);
    }
}
