package org.busbar.emulator;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.busbar.net.MacAddress;
import org.jspecify.annotations.Nullable;

/** The text form of a card, for {@link Card#parse}. */
final class CardText {

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})([KMGT]?)", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "KMGT";
    private static final long LOCAL_PREFIX = 0x5254_0000_0000L;

    private final String text;
    private final Map<String, String> properties = new LinkedHashMap<>();

    private CardText(String text) {
        this.text = text;
    }

    static Card parse(String text) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? text : text.substring(0, colon);
        CardText card = new CardText(text);
        if (colon >= 0) {
            card.split(text.substring(colon + 1));
        }
        Card made =
                switch (kind.strip()) {
                    case "nvme" -> card.nvme();
                    case "nic" -> card.nic();
                    default -> throw card.wrong("a card is nvme or nic");
                };
        if (!card.properties.isEmpty()) {
            throw card.wrong("there is no property " + String.join(", ", card.properties.keySet()));
        }
        return made;
    }

    private void split(String list) {
        for (String part : list.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw wrong("'" + part + "' is not of the form property=value");
            }
            String name = part.substring(0, equals).strip();
            if (properties.put(name, part.substring(equals + 1).strip()) != null) {
                throw wrong("it has " + name + " twice");
            }
        }
    }

    private Card nvme() {
        long size = size(properties.remove("size"));
        String block = properties.remove("block");
        int blockSize =
                switch (block == null ? "512" : block) {
                    case "512" -> 512;
                    case "4096", "4K", "4k" -> 4096;
                    default -> throw wrong("block is 512 or 4096");
                };
        if (size % blockSize != 0 || size == 0) {
            throw wrong("its size is no multiple of " + blockSize + " bytes, or nothing");
        }
        Optional<Path> file = file(properties.remove("file"));
        String serial = properties.remove("serial");
        return new Card.Nvme(size / blockSize, blockSize, file, serial == null ? serial(file) : serial);
    }

    private Card nic() {
        String mac = properties.remove("mac");
        return new Card.Nic(mac == null ? madeUp() : MacAddress.parse(mac));
    }

    private long size(@Nullable String value) {
        Matcher matcher = SIZE.matcher(value == null ? "64M" : value);
        if (!matcher.matches()) {
            throw wrong("a size looks like 64M or 67108864");
        }
        String unit = matcher.group(2);
        int shift = unit.isEmpty() ? 0 : 10 * (UNITS.indexOf(Character.toUpperCase(unit.charAt(0))) + 1);
        long number = Long.parseLong(matcher.group(1));
        if (number > Long.MAX_VALUE >> shift) {
            throw wrong("nothing is so large");
        }
        return number << shift;
    }

    private Optional<Path> file(@Nullable String value) {
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(value));
        } catch (InvalidPathException e) {
            throw wrong("its file is no path: " + e.getMessage());
        }
    }

    /** Blocks that stay keep their serial number; blocks that go with the card need none that lasts. */
    private static String serial(Optional<Path> file) {
        int number = file.map(path -> path.toAbsolutePath().normalize().toString().hashCode())
                .orElseGet(() -> ThreadLocalRandom.current().nextInt());
        return "EMU" + HexFormat.of().withUpperCase().toHexDigits(number);
    }

    private static MacAddress madeUp() {
        return new MacAddress(LOCAL_PREFIX | ThreadLocalRandom.current().nextInt(1 << 24));
    }

    private IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException(why + ", in '" + text
                + "'; a card looks like nvme:size=64M,block=512,file=PATH,serial=TEXT or nic:mac=52:54:00:12:34:56");
    }
}
