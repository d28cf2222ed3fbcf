package org.busbar.pci.internal.linux;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.busbar.device.ConfigValues;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the Linux host, checked.
 *
 * @param enabled whether to look at the bus at all
 * @param root root of the sysfs tree
 * @param pollInterval how often to look where there are no uevents
 * @param rules what may be claimed
 */
record HostSettings(boolean enabled, Path root, Duration pollInterval, ClaimRules rules) {

    /** Framework or system property: root of the sysfs tree. */
    static final String ROOT_PROPERTY = "busbar.sysfs";
    /** Framework or system property: {@code false} turns the host off. */
    static final String ENABLED_PROPERTY = "busbar.host.linux";
    /** Environment variable: root of the sysfs tree. */
    static final String ROOT_VARIABLE = "BUSBAR_SYSFS";

    private static final String DEFAULT_ROOT = "/sys";
    private static final long SHORTEST_POLL = 100;
    private static final long LONGEST_POLL = Duration.ofDays(1).toMillis();
    private static final long DEFAULT_POLL = 2_000;

    /**
     * What was read.
     *
     * @param settings with defaults in place of what is malformed, so that no more is claimed than was meant
     * @param problems what is malformed, by name, with a correct value
     */
    record Reading(HostSettings settings, List<String> problems) {}

    /**
     * Reads settings: what was given at start wins over configuration.
     *
     * @param property looks up a framework or system property; null if there is none
     * @param variable looks up an environment variable; null if there is none
     */
    static Reading read(Map<String, ?> configuration, Lookup property, Lookup variable) {
        ConfigValues values = new ConfigValues(configuration);
        HostSettings settings = new HostSettings(
                values.flag("enabled", true) && !"false".equals(property.get(ENABLED_PROPERTY)),
                root(values.text("sysfs"), property, variable),
                Duration.ofMillis(values.number("pollMillis", SHORTEST_POLL, LONGEST_POLL, DEFAULT_POLL)),
                rules(values));
        return new Reading(settings, values.problems());
    }

    /** One malformed claim and none counts: what was to stand there may have been less than what would be left. */
    private static ClaimRules rules(ConfigValues values) {
        boolean useVfioBound = values.flag("useVfioBound", false);
        try {
            return ClaimRules.parse(values.list("claims"), useVfioBound);
        } catch (IllegalArgumentException malformed) {
            values.problem(String.valueOf(malformed.getMessage()));
            return ClaimRules.NONE;
        }
    }

    /** Looks up a value by name. */
    @FunctionalInterface
    interface Lookup {
        @Nullable
        String get(String name);
    }

    private static Path root(@Nullable String configured, Lookup property, Lookup variable) {
        for (String root : Arrays.asList(property.get(ROOT_PROPERTY), variable.get(ROOT_VARIABLE), configured)) {
            if (root != null && !root.isBlank()) {
                return Path.of(root.strip()).toAbsolutePath().normalize();
            }
        }
        return Path.of(DEFAULT_ROOT);
    }
}
