package org.busbar.pci.internal.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;

/**
 * Which devices may be taken from their kernel drivers. A device that no rule names is left alone.
 *
 * <p>A rule is an address in which {@code *} and {@code ?} stand for anything, {@code vendor:device} in which the device
 * may be {@code *}, or {@code class:} and two, four or six digits.
 */
final class ClaimRules {

    private static final Pattern FULL_ADDRESS = Pattern.compile("[0-9a-f*?]+(:[0-9a-f*?]+){2}\\.[0-7*?]");
    /** Without a domain. More than two digits before the colon are a domain, and then the bus has been left out. */
    private static final Pattern BUS_ADDRESS = Pattern.compile("(?!:)\\*?([0-9a-f?]\\*?){0,2}:[0-9a-f*?]+\\.[0-7*?]");
    private static final Pattern IDS = Pattern.compile("([0-9a-f]{4}):([0-9a-f]{4}|\\*)");
    private static final Pattern CLASS = Pattern.compile("class:((?:[0-9a-f]{2}){1,3})");
    private static final Pattern SEPARATORS = Pattern.compile("[,;\\s]+");

    /** No rule: nothing is claimed, and what is on vfio-pci is not used. */
    static final ClaimRules NONE = new ClaimRules(List.of(), false);

    private final List<Rule> rules;
    private final boolean useVfioBound;

    private ClaimRules(List<Rule> rules, boolean useVfioBound) {
        this.rules = rules;
        this.useVfioBound = useVfioBound;
    }

    @FunctionalInterface
    private interface Rule {
        boolean names(PciAddress address, PciIds ids);
    }

    /**
     * Reads rules.
     *
     * @param entries each has one rule, or several with commas or blanks between them
     * @throws IllegalArgumentException if one is malformed; the message names it and shows correct ones
     */
    static ClaimRules parse(List<String> entries, boolean useVfioBound) {
        List<Rule> rules = new ArrayList<>();
        for (String entry : entries) {
            SEPARATORS.splitAsStream(entry).filter(text -> !text.isEmpty()).map(ClaimRules::rule).forEach(rules::add);
        }
        return new ClaimRules(List.copyOf(rules), useVfioBound);
    }

    private static Rule rule(String entry) {
        String text = entry.toLowerCase(Locale.ROOT);
        if (IDS.matcher(text).matches()) {
            Pattern ids = glob(text);
            return (address, of) -> ids.matcher(of.deviceText()).matches();
        }
        if (CLASS.matcher(text).matches()) {
            String prefix = text.substring("class:".length());
            return (address, of) -> of.classText().startsWith(prefix);
        }
        if (BUS_ADDRESS.matcher(text).matches() || FULL_ADDRESS.matcher(text).matches()) {
            // Without a domain the first one is meant, as for lspci.
            long colons = text.chars().filter(c -> c == ':').count();
            Pattern address = glob(colons == 1 ? "0000:" + text : text);
            return (at, of) -> address.matcher(at.toString()).matches();
        }
        throw new IllegalArgumentException("claims: '" + entry + "' names no device. Correct are an address like"
                + " 0000:02:00.0 or 0000:02:*.*, vendor and device like 8086:10d3 or 8086:*, a class like class:0108");
    }

    private static Pattern glob(String text) {
        return Pattern.compile(text.replace(".", "\\.").replace("*", ".*").replace('?', '.'));
    }

    /** Returns whether a rule names a device. */
    boolean names(PciAddress address, PciIds ids) {
        return rules.stream().anyMatch(rule -> rule.names(address, ids));
    }

    /** Returns whether a device that is on vfio-pci already may be used without a rule that names it. */
    boolean useVfioBound() {
        return useVfioBound;
    }
}
