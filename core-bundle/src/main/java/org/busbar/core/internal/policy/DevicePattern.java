package org.busbar.core.internal.policy;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.busbar.device.bus.MatchKey;
import org.jspecify.annotations.Nullable;

/**
 * Names devices: by address, with {@code *} and {@code ?} as wildcards, or by the text of a key by which they can be
 * matched. Case does not matter.
 *
 * @param text as it was configured
 * @param address the pattern as an expression over addresses
 */
public record DevicePattern(String text, Pattern address) {

    private static final Pattern WELL_FORMED = Pattern.compile("[0-9A-Za-z_.:,@/*?#-]+");

    /**
     * Parses a pattern.
     *
     * @throws IllegalArgumentException if it names nothing
     */
    public static DevicePattern parse(String text) {
        String trimmed = text.strip().toLowerCase(Locale.ROOT);
        if (!WELL_FORMED.matcher(trimmed).matches()) {
            throw new IllegalArgumentException("it names no device: write an address like 0000:02:00.0, a pattern of"
                    + " addresses like 0000:02:*, or a match key like 8086:10d3 or class:0108");
        }
        String expression = trimmed.chars()
                .mapToObj(c -> c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(Character.toString(c)))
                .collect(Collectors.joining());
        return new DevicePattern(trimmed, Pattern.compile(expression, Pattern.CASE_INSENSITIVE));
    }

    /** Returns whether it names the device with this address and these keys. */
    public boolean names(String deviceAddress, List<MatchKey> keys) {
        if (address.matcher(deviceAddress).matches()) {
            return true;
        }
        for (MatchKey key : keys) {
            if (key.text().equalsIgnoreCase(text)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DevicePattern pattern && pattern.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
