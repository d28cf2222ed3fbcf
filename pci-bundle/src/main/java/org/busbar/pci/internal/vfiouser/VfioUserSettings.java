package org.busbar.pci.internal.vfiouser;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the vfio-user host, checked.
 *
 * @param directories where endpoints are
 * @param patienceMillis how long an exchange may take
 */
record VfioUserSettings(List<Path> directories, long patienceMillis) {

    private static final long DEFAULT_PATIENCE = 5_000;
    private static final long SHORTEST_PATIENCE = 10;
    private static final long LONGEST_PATIENCE = 600_000;

    /**
     * What was read.
     *
     * @param settings what is well formed
     * @param problems what is not, with a correct value
     */
    record Reading(VfioUserSettings settings, List<String> problems) {}

    static Reading read(Map<String, ?> configuration) {
        List<String> problems = new ArrayList<>();
        List<Path> directories = new ArrayList<>();
        for (String text : texts(configuration.get("directories"))) {
            try {
                Path path = Path.of(text);
                if (path.isAbsolute()) {
                    directories.add(path.normalize());
                } else {
                    problems.add("directories has " + text + ", which is no absolute path; /run/busbar is one");
                }
            } catch (InvalidPathException e) {
                problems.add("directories has " + text + ", which is no path: " + e.getMessage());
            }
        }
        return new Reading(new VfioUserSettings(List.copyOf(directories), patience(configuration, problems)), problems);
    }

    private static long patience(Map<String, ?> configuration, List<String> problems) {
        Object value = configuration.get("patienceMillis");
        if (value == null) {
            return DEFAULT_PATIENCE;
        }
        try {
            long millis = Long.parseLong(value.toString().strip());
            if (millis >= SHORTEST_PATIENCE && millis <= LONGEST_PATIENCE) {
                return millis;
            }
        } catch (NumberFormatException e) {
            // Reported below, as what is out of range.
            problems.add("patienceMillis is " + value + ", which is no number");
            return DEFAULT_PATIENCE;
        }
        problems.add("patienceMillis is %s, not %d to %d".formatted(value, SHORTEST_PATIENCE, LONGEST_PATIENCE));
        return DEFAULT_PATIENCE;
    }

    private static List<String> texts(@Nullable Object value) {
        Stream<?> values = switch (value) {
            case null -> Stream.empty();
            case Object[] array -> Arrays.stream(array);
            case Iterable<?> many -> StreamSupport.stream(many.spliterator(), false);
            default -> Stream.of(value);
        };
        return values.flatMap(text -> Arrays.stream(text.toString().split(",", -1)))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .toList();
    }
}
