package org.busbar.core.internal.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.busbar.device.ConfigValues;

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

    private final ConfigValues values;
    private boolean unsafe;

    private PolicyParser(Map<String, ?> configuration) {
        values = new ConfigValues(configuration);
    }

    /** Reads a policy. Unknown keys are ignored: configuration carries keys of others as well. */
    public static Result parse(Map<String, ?> configuration) {
        PolicyParser parser = new PolicyParser(configuration);
        Policy policy = parser.policy();
        return new Result(policy, parser.values.problems(), parser.unsafe);
    }

    private Policy policy() {
        Policy d = Policy.DEFAULT;
        Deadlines limits = d.deadlines();
        Duration retryDelay = millis("retryDelay", 1, d.retryDelay());
        Duration maxRetryDelay = millis("maxRetryDelay", 1, d.maxRetryDelay());
        if (maxRetryDelay.compareTo(retryDelay) < 0) {
            values.problem("maxRetryDelay " + maxRetryDelay.toMillis() + " is less than retryDelay "
                    + retryDelay.toMillis() + ": write for example retryDelay=500 and maxRetryDelay=30000");
            retryDelay = d.retryDelay();
            maxRetryDelay = d.maxRetryDelay();
        }
        return new Policy(
                entries("allow", DevicePattern::parse),
                entries("deny", DevicePattern::parse),
                entries("driverOverride", DriverOverride::parse),
                rebind(d.rebind()),
                values.number("maxAttempts", 1, 1000, d.maxAttempts()),
                retryDelay,
                maxRetryDelay,
                millis("updateGrace", 0, d.updateGrace()),
                values.flag("handover", d.handover()),
                new Deadlines(
                        millis("probeDeadline", 1, limits.probe()),
                        millis("quiesceDeadline", 1, limits.quiesce()),
                        millis("closeDeadline", 1, limits.close()),
                        limits.grace()),
                supervision(d.supervision()),
                "");
    }

    private Supervision supervision(Supervision fallback) {
        return new Supervision(
                values.number("maxFailures", 1, 1000, fallback.maxFailures()),
                millis("failureWindow", 1, fallback.window()),
                millis("requestDeadline", 1, fallback.requestDeadline()),
                values.number("heartbeatFactor", 1, 1000, fallback.heartbeatFactor()));
    }

    private <T> List<T> entries(String key, Function<String, T> parser) {
        List<T> entries = new ArrayList<>();
        for (String entry : values.list(key)) {
            try {
                if (!entry.isBlank()) {
                    entries.add(parser.apply(entry));
                }
            } catch (IllegalArgumentException malformed) {
                unsafe = true;
                values.malformed(key + " entry", entry, String.valueOf(malformed.getMessage()));
            }
        }
        return List.copyOf(entries);
    }

    private RebindRule rebind(RebindRule fallback) {
        String value = values.text("rebind");
        if (value == null) {
            return fallback;
        }
        try {
            return RebindRule.valueOf(value.strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            values.malformed("rebind", value, "write never, idle or always, for example rebind=idle");
            return fallback;
        }
    }

    private Duration millis(String key, long min, Duration fallback) {
        return Duration.ofMillis(values.number(key, min, LONGEST_MILLIS, fallback.toMillis()));
    }
}
