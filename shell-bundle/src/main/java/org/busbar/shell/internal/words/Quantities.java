package org.busbar.shell.internal.words;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as people type them: {@code 4k}, {@code 1.5G}, {@code 30s}. */
public final class Quantities {

    private static final Pattern FORM = Pattern.compile("(\\d{1,18})(?:\\.(\\d{1,3}))?\\s*([a-z]*)");
    private static final String BINARY = "kmgtp";

    private Quantities() {}

    /**
     * Returns a number of bytes; units are powers of 1024, with or without B or iB.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static long bytes(String text) {
        Matcher matcher = match(text, "a size, for example 4k or 1G");
        String unit = matcher.group(3).replaceFirst("i?b$", "");
        int power = unit.isEmpty() ? 0 : BINARY.indexOf(unit) + 1;
        if (unit.length() > 1 || (!unit.isEmpty() && power == 0)) {
            throw new IllegalArgumentException("'" + text + "' is no size: units are k, M, G, T");
        }
        return scaled(matcher, 1L << (10 * power), text);
    }

    /**
     * Returns a duration; a bare number is seconds.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static Duration duration(String text) {
        Matcher matcher = match(text, "a time, for example 30s or 5m");
        long nanos =
                switch (matcher.group(3)) {
                    case "us" -> 1_000L;
                    case "ms" -> 1_000_000L;
                    case "", "s" -> 1_000_000_000L;
                    case "m", "min" -> 60_000_000_000L;
                    case "h" -> 3_600_000_000_000L;
                    default ->
                        throw new IllegalArgumentException("'" + text + "' is no time: units are us, ms, s, m, h");
                };
        return Duration.ofNanos(scaled(matcher, nanos, text));
    }

    /**
     * Returns a whole number, decimal or with 0x in hex.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static long number(String text) {
        try {
            return Long.decode(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no number", e);
        }
    }

    private static Matcher match(String text, String what) {
        Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not " + what);
        }
        return matcher;
    }

    private static long scaled(Matcher matcher, long unit, String text) {
        try {
            long whole = Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
            String fraction = matcher.group(2);
            return fraction == null
                    ? whole
                    : Math.addExact(whole, (long) (Double.parseDouble("0." + fraction) * unit));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is too much", e);
        }
    }
}
