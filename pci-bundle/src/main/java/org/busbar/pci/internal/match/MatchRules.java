package org.busbar.pci.internal.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.ServiceReference;

/**
 * What a driver matches, as its service properties say. Entries that make no sense are told as a problem, and the others
 * are kept so that it can be seen what was meant.
 *
 * @param keys the keys that the driver matches
 * @param problem what is wrong with the entries, each named and with a correct one beside it; nothing if all are right
 */
public record MatchRules(List<String> keys, Optional<String> problem) {

    /** Service property: ids, see {@link org.busbar.pci.PciMatch#ids}. */
    public static final String IDS = "pci.match.ids";

    /** Service property: class codes, see {@link org.busbar.pci.PciMatch#classes}. */
    public static final String CLASSES = "pci.match.classes";

    private static final String HEX16 = "(?:0x)?([0-9a-f]{4})";
    private static final Pattern ID =
            Pattern.compile(HEX16 + ':' + HEX16 + "(?::\\*:\\*|:" + HEX16 + ':' + HEX16 + ")?");
    private static final Pattern CLASS = Pattern.compile("(?:0x)?((?:[0-9a-f]{2}){1,3})");

    /** Reads the rules of a driver from its service properties. Gets no service. */
    public static MatchRules of(ServiceReference<?> driver) {
        return parse(driver.getProperty(IDS), driver.getProperty(CLASSES));
    }

    /** Reads the rules from the values of the two properties: a string, an array or collection of strings, or null. */
    static MatchRules parse(@Nullable Object ids, @Nullable Object classes) {
        Set<String> keys = new LinkedHashSet<>();
        List<String> problems = new ArrayList<>();
        read(IDS, ids, MatchRules::idKey, "8086:10d3, 8086:10d3:*:* or 8086:10d3:8086:a01f", keys, problems);
        read(CLASSES, classes, MatchRules::classKey, "010802, 0108 or 01", keys, problems);
        if (keys.isEmpty() && problems.isEmpty()) {
            problems.add("matches nothing: neither " + IDS + " nor " + CLASSES + " is given; a correct entry is "
                    + IDS + " = 8086:10d3 or " + CLASSES + " = 010802");
        }
        Optional<String> problem = problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
        return new MatchRules(List.copyOf(keys), problem);
    }

    private static void read(String property, @Nullable Object value, UnaryOperator<@Nullable String> key,
            String example, Set<String> keys, List<String> problems) {
        for (Object entry : entries(value)) {
            String found = entry instanceof String text ? key.apply(text.strip().toLowerCase(Locale.ROOT)) : null;
            if (found == null) {
                problems.add("entry '" + entry + "' of " + property + " makes no sense; a correct one is " + example);
            } else {
                keys.add(found);
            }
        }
    }

    private static Collection<?> entries(@Nullable Object value) {
        return switch (value) {
            case null -> List.of();
            case Object[] array -> Arrays.asList(array);
            case Collection<?> collection -> collection;
            default -> List.of(value);
        };
    }

    private static @Nullable String idKey(@Nullable String entry) {
        Matcher id = ID.matcher(String.valueOf(entry));
        if (!id.matches()) {
            return null;
        }
        String device = id.group(1) + ':' + id.group(2);
        return id.group(3) == null ? device : device + ':' + id.group(3) + ':' + id.group(4);
    }

    private static @Nullable String classKey(@Nullable String entry) {
        Matcher code = CLASS.matcher(String.valueOf(entry));
        return code.matches() ? FunctionKeys.classKey(code.group(1)) : null;
    }
}
