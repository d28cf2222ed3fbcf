package org.busbar.emulator;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
                    case "nic" -> new Card.Nic(card.mac());
                    case "virtio-net" ->
                        new Card.VirtioNet(card.mac(), card.number("queues", 1, 1, 16),
                                card.number("mtu", 1500, 68, 9000));
                    default -> throw card.wrong("a card is nvme, nic or virtio-net");
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
        Optional<Path> file = file(properties.remove("file"));
        String serial = properties.remove("serial");
        List<NvmeNamespace> namespaces = namespaces(file);
        return new Card.Nvme(serial == null ? serial(file) : serial, namespaces, options(namespaces.size()));
    }

    private List<NvmeNamespace> namespaces(Optional<Path> file) {
        String[] sizes = list("size", "64M");
        String[] blocks = list("block", "512");
        String[] metadata = list("metadata", "0");
        String[] extended = list("extended", "no");
        String[] protection = list("protection", "0");
        int count = number("namespaces", sizes.length, 0, 4096);
        if (count > 1 && file.isPresent()) {
            throw wrong("a file holds one namespace");
        }
        List<NvmeNamespace> namespaces = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int blockSize = blockSize(nth(blocks, i));
            long size = size(nth(sizes, i));
            if (size % blockSize != 0 || size == 0) {
                throw wrong("its size is no multiple of " + blockSize + " bytes, or nothing");
            }
            namespaces.add(new NvmeNamespace(
                    size / blockSize,
                    blockSize,
                    number("metadata", nth(metadata, i), 0, 64),
                    yes("extended", nth(extended, i)),
                    number("protection", nth(protection, i), 0, 3),
                    file));
        }
        return namespaces;
    }

    private NvmeOptions options(int namespaces) {
        NvmeOptions usual = NvmeOptions.DEFAULT;
        String version = properties.remove("version");
        boolean version2 =
                switch (version == null ? "1.4" : version) {
                    case "1.4" -> false;
                    case "2.0" -> true;
                    default -> throw wrong("version is 1.4 or 2.0");
                };
        String capacity = properties.remove("capacity");
        return new NvmeOptions(
                version2,
                number("max", Math.max(usual.maxNamespaces(), namespaces), 1, 4096),
                number("mdts", usual.maxTransfer(), 1, 7),
                number("queues", usual.queues(), 1, 16),
                capacity == null ? 0 : size(capacity),
                number("timeout", usual.readyTimeout(), 1, 255),
                without());
    }

    private Set<NvmeOptions.Feature> without() {
        Set<NvmeOptions.Feature> without = EnumSet.noneOf(NvmeOptions.Feature.class);
        String value = properties.remove("without");
        for (String name : value == null ? new String[0] : value.split("\\+", -1)) {
            without.add(Arrays.stream(NvmeOptions.Feature.values())
                    .filter(feature -> feature.name().replace('_', '-').equalsIgnoreCase(name.strip()))
                    .findFirst()
                    .orElseThrow(() -> wrong("there is no feature '" + name + "' to go without")));
        }
        return without;
    }

    private String[] list(String name, String fallback) {
        String value = properties.remove(name);
        return (value == null ? fallback : value).split("\\+", -1);
    }

    private static String nth(String[] list, int index) {
        return list[Math.min(index, list.length - 1)].strip();
    }

    private int number(String name, int fallback, int least, int most) {
        String value = properties.remove(name);
        return value == null ? fallback : number(name, value, least, most);
    }

    private int number(String name, String value, int least, int most) {
        if (value.matches("[0-9]{1,6}")) {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw wrong(name + " is a number from " + least + " to " + most);
    }

    private boolean yes(String name, String value) {
        return switch (value) {
            case "yes" -> true;
            case "no" -> false;
            default -> throw wrong(name + " is yes or no");
        };
    }

    private int blockSize(String block) {
        return switch (block) {
            case "512" -> 512;
            case "4096", "4K", "4k" -> 4096;
            default -> throw wrong("block is 512 or 4096");
        };
    }

    private long size(String value) {
        Matcher matcher = SIZE.matcher(value);
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

    private MacAddress mac() {
        String mac = properties.remove("mac");
        return mac == null
                ? new MacAddress(LOCAL_PREFIX | ThreadLocalRandom.current().nextInt(1 << 24))
                : MacAddress.parse(mac);
    }

    private IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException(why + ", in '" + text
                + "'; a card looks like nvme:size=64M,block=512,file=PATH,serial=TEXT"
                + " or nvme:size=64M+32M,metadata=0+8,protection=0+1,version=2.0,without=sgl+copy"
                + " or nic:mac=52:54:00:12:34:56 or virtio-net:mac=52:54:00:12:34:56,queues=1,mtu=1500");
    }
}
