package org.busbar.pci.internal.linux;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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
    private static final Duration DEFAULT_POLL = Duration.ofSeconds(2);

    /**
     * Reads settings: what was given at start wins over configuration.
     *
     * @param property looks up a framework or system property; null if there is none
     * @param variable looks up an environment variable; null if there is none
     * @throws IllegalArgumentException if a setting is malformed; the message names it and shows a correct one
     */
    static HostSettings read(LinuxHostConfig config, Lookup property, Lookup variable) {
        if (config.pollMillis() < SHORTEST_POLL) {
            throw new IllegalArgumentException("pollMillis: " + config.pollMillis() + " is too short; correct is for"
                    + " example 2000, at least " + SHORTEST_POLL);
        }
        boolean enabled = config.enabled() && !"false".equals(property.get(ENABLED_PROPERTY));
        return new HostSettings(
                enabled,
                root(config.sysfs(), property, variable),
                Duration.ofMillis(config.pollMillis()),
                ClaimRules.parse(List.of(config.claims()), config.useVfioBound()));
    }

    /** Looks up a value by name. */
    @FunctionalInterface
    interface Lookup {
        @Nullable
        String get(String name);
    }

    /** Returns settings with which nothing can be harmed, to start with if the configuration is malformed. */
    static HostSettings harmless(Lookup property, Lookup variable) {
        boolean enabled = !"false".equals(property.get(ENABLED_PROPERTY));
        return new HostSettings(enabled, root("", property, variable), DEFAULT_POLL, ClaimRules.NONE);
    }

    private static Path root(String configured, Lookup property, Lookup variable) {
        for (String root : Arrays.asList(property.get(ROOT_PROPERTY), variable.get(ROOT_VARIABLE), configured)) {
            if (root != null && !root.isBlank()) {
                return Path.of(root.strip()).toAbsolutePath().normalize();
            }
        }
        return Path.of(DEFAULT_ROOT);
    }
}
