package org.busbar.emulator;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Wires as they are typed and shown. */
final class WireText {

    private static final Pattern SHARE = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,9})?)(%?)");
    private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(ns|us|ms|s)");

    private WireText() {}

    static Wire parse(String text) {
        boolean up = true;
        double loss = 0;
        double duplication = 0;
        double reordering = 0;
        double corruption = 0;
        Duration delay = Duration.ZERO;
        Duration jitter = Duration.ZERO;
        long seed = 1;
        Set<String> seen = new HashSet<>();
        for (String word : text.strip().split("[\\s,]+", -1)) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            String value = equals < 0 ? "" : word.substring(equals + 1);
            if (!seen.add(name)) {
                throw wrong("'" + name + "' is there twice");
            }
            switch (equals < 0 ? name : name + "=") {
                case "perfect", "up" -> up = true;
                case "down" -> up = false;
                case "loss=" -> loss = share(value);
                case "dup=" -> duplication = share(value);
                case "reorder=" -> reordering = share(value);
                case "corrupt=" -> corruption = share(value);
                case "delay=" -> delay = time(value);
                case "jitter=" -> jitter = time(value);
                case "seed=" -> seed = seed(value);
                default -> throw wrong("'" + word + "' is no property of a wire");
            }
        }
        return new Wire(up, loss, duplication, reordering, corruption, delay, jitter, seed);
    }

    private static double share(String value) {
        Matcher matcher = SHARE.matcher(value);
        if (!matcher.matches()) {
            throw wrong("'" + value + "' is no share");
        }
        BigDecimal number = new BigDecimal(matcher.group(1));
        return (matcher.group(2).isEmpty() ? number : number.movePointLeft(2)).doubleValue();
    }

    private static Duration time(String value) {
        Matcher matcher = TIME.matcher(value);
        if (!matcher.matches()) {
            throw wrong("'" + value + "' is no time");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ns" -> Duration.ofNanos(number);
            case "us" -> Duration.ofNanos(1000 * number);
            case "ms" -> Duration.ofMillis(number);
            default -> Duration.ofSeconds(number);
        };
    }

    private static long seed(String value) {
        try {
            return Long.decode(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + value + "' is no number (0x.. for hex)", e);
        }
    }

    private static IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException(why + "; a wire is " + Wire.SYNTAX);
    }

    static String of(Wire wire) {
        List<String> words = new ArrayList<>();
        if (!wire.up()) {
            words.add("down");
        }
        share(words, "loss", wire.loss());
        share(words, "dup", wire.duplication());
        share(words, "reorder", wire.reordering());
        share(words, "corrupt", wire.corruption());
        time(words, "delay", wire.delay());
        time(words, "jitter", wire.jitter());
        if (wire.seed() != 1) {
            words.add("seed=" + wire.seed());
        }
        return words.isEmpty() ? "perfect" : String.join(" ", words);
    }

    private static void share(List<String> words, String name, double share) {
        if (share != 0) {
            words.add(name + "=" + BigDecimal.valueOf(share).stripTrailingZeros().toPlainString());
        }
    }

    private static void time(List<String> words, String name, Duration time) {
        long nanos = time.toNanos();
        if (nanos != 0) {
            String value = nanos % 1_000_000_000 == 0
                    ? nanos / 1_000_000_000 + "s"
                    : nanos % 1_000_000 == 0
                            ? nanos / 1_000_000 + "ms"
                            : nanos % 1000 == 0 ? nanos / 1000 + "us" : nanos + "ns";
            words.add(name + "=" + value);
        }
    }
}
