package org.busbar.bench.report;

import java.util.HashMap;
import java.util.Map;

/**
 * One result line: what a peer took for a phase once.
 *
 * @param peer who: {@code busbar}, {@code dpdk}, {@code floor}
 * @param phase what was done
 * @param start {@code cold} for the first time in a process, {@code warm} for later times
 * @param devices number of devices in the tree
 * @param round which round of the run; measurements of one round are compared with each other
 * @param wallNanos wall-clock time
 * @param cpuNanos CPU time of the whole process, user and kernel
 */
public record Measurement(
        String peer, String phase, String start, int devices, int round, long wallNanos, long cpuNanos) {

    /**
     * Reads a line of {@code key=value} words; keys that are not needed here are ignored.
     *
     * @throws IllegalArgumentException if a word is none or a key is missing
     */
    public static Measurement parse(String line) {
        Map<String, String> words = new HashMap<>();
        for (String word : line.strip().split("\\s+", -1)) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("not key=value: '" + word + "'");
            }
            words.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return new Measurement(
                word(words, "peer"),
                word(words, "phase"),
                word(words, "start"),
                Math.toIntExact(number(words, "devices")),
                Math.toIntExact(number(words, "round")),
                number(words, "wall_ns"),
                number(words, "cpu_ns"));
    }

    private static String word(Map<String, String> words, String key) {
        String value = words.get(key);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("no " + key);
        }
        return value;
    }

    private static long number(Map<String, String> words, String key) {
        try {
            return Long.parseLong(word(words, key));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " is not a number: '" + words.get(key) + "'", e);
        }
    }
}
