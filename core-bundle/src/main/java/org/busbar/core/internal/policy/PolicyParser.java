package org.busbar.core.internal.policy;

import java.lang.reflect.Array;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a policy from configuration and collects what is wrong with it, entry by entry. */
public final class PolicyParser {

    /**
     * What was read.
     *
     * @param policy the policy, with defaults in place of malformed values
     * @param problems what is malformed, in words that show a correct entry
     * @param unsafe whether a malformed entry was to keep devices or drivers apart, so that the policy would bind more
     *     than was meant
     */
    public record Result(Policy policy, List<String> problems, boolean unsafe) {}

    private static final long LONGEST_MILLIS = Duration.ofDays(1).toMillis();

    private final Map<String, ?> configuration;
    private final List<String> problems = new ArrayList<>();
    private boolean unsafe;

    private PolicyParser(Map<String, ?> configuration) {
        this.configuration = configuration;
    }

    /** Reads a policy. Unknown keys are ignored: configuration carries keys of others as well. */
    public static Result parse(Map<String, ?> configuration) {
        PolicyParser parser = new PolicyParser(configuration);
        Policy policy = parser.policy();
        return new Result(policy, List.copyOf(parser.problems), parser.unsafe);
    }

    private Policy policy() {
        Policy d = Policy.DEFAULT;
        Deadlines limits = d.deadlines();
        Duration retryDelay = millis("retryDelay", 1, d.retryDelay());
        Duration maxRetryDelay = millis("maxRetryDelay", 1, d.maxRetryDelay());
        if (maxRetryDelay.compareTo(retryDelay) < 0) {
            problems.add("maxRetryDelay " + maxRetryDelay.toMillis() + " is less than retryDelay "
                    + retryDelay.toMillis() + ": write for example retryDelay=500 and maxRetryDelay=30000");
            retryDelay = d.retryDelay();
            maxRetryDelay = d.maxRetryDelay();
        }
        return new Policy(
                entries("allow", DevicePattern::parse),
                entries("deny", DevicePattern::parse),
                entries("driverOverride", DriverOverride::parse),
                rebind(d.rebind()),
                (int) number("maxAttempts", 1, 1000, d.maxAttempts(), "3"),
                retryDelay,
                maxRetryDelay,
                millis("updateGrace", 0, d.updateGrace()),
                new Deadlines(
                        millis("probeDeadline", 1, limits.probe()),
                        millis("quiesceDeadline", 1, limits.quiesce()),
                        millis("closeDeadline", 1, limits.close()),
                        limits.grace()),
                "");
    }

    private <T> List<T> entries(String key, Function<String, T> parser) {
        List<T> entries = new ArrayList<>();
        for (String entry : texts(configuration.get(key))) {
            try {
                if (!entry.isBlank()) {
                    entries.add(parser.apply(entry));
                }
            } catch (IllegalArgumentException malformed) {
                unsafe = true;
                problems.add(key + " entry '" + entry + "': " + malformed.getMessage());
            }
        }
        return List.copyOf(entries);
    }

    /** Lists come as arrays, as collections, or, from plain files, as one text with commas. */
    private static List<String> texts(@Nullable Object value) {
        if (value == null) {
            return List.of();
        }
        if (value instanceof Collection<?> collection) {
            return collection.stream().map(String::valueOf).toList();
        }
        if (value.getClass().isArray()) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++) {
                texts.add(String.valueOf(Array.get(value, i)));
            }
            return texts;
        }
        return Arrays.stream(value.toString().split(",")).map(String::strip).toList();
    }

    private RebindRule rebind(RebindRule fallback) {
        Object value = configuration.get("rebind");
        if (value == null) {
            return fallback;
        }
        try {
            return RebindRule.valueOf(value.toString().strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            problems.add("rebind '" + value + "': write never, idle or always, for example rebind=idle");
            return fallback;
        }
    }

    private Duration millis(String key, long min, Duration fallback) {
        String example = Long.toString(Math.max(min, fallback.toMillis()));
        return Duration.ofMillis(number(key, min, LONGEST_MILLIS, fallback.toMillis(), example));
    }

    private long number(String key, long min, long max, long fallback, String example) {
        Object value = configuration.get(key);
        if (value == null) {
            return fallback;
        }
        try {
            long number = Long.parseLong(value.toString().strip());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Reported below, with numbers that are out of range.
        }
        problems.add(key + " '" + value + "': write a whole number from " + min + " to " + max + ", for example " + key
                + "=" + example);
        return fallback;
    }
}
