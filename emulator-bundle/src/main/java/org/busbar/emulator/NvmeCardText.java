package org.busbar.emulator;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The text form of an SSD. */
final class NvmeCardText {

    private final CardWords words;

    NvmeCardText(CardWords words) {
        this.words = words;
    }

    Card card() {
        Optional<Path> file = file(words.take("file"));
        String serial = words.take("serial");
        List<NvmeNamespace> namespaces = namespaces(file);
        return new Card.Nvme(serial == null ? serial(file) : serial, namespaces, options(namespaces.size()));
    }

    private List<NvmeNamespace> namespaces(Optional<Path> file) {
        String[] sizes = words.list("size", "64M");
        String[] blocks = words.list("block", "512");
        String[] metadata = words.list("metadata", "0");
        String[] extended = words.list("extended", "no");
        String[] protection = words.list("protection", "0");
        int count = words.number("namespaces", sizes.length, 0, 4096);
        if (count > 1 && file.isPresent()) {
            throw words.wrong("a file holds one namespace");
        }
        List<NvmeNamespace> namespaces = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int blockSize = blockSize(nth(blocks, i));
            long size = words.size(nth(sizes, i));
            if (size % blockSize != 0 || size == 0) {
                throw words.wrong("its size is no multiple of " + blockSize + " bytes, or nothing");
            }
            namespaces.add(new NvmeNamespace(
                    size / blockSize,
                    blockSize,
                    words.number("metadata", nth(metadata, i), 0, 64),
                    words.yes("extended", nth(extended, i)),
                    words.number("protection", nth(protection, i), 0, 3),
                    file));
        }
        return namespaces;
    }

    private NvmeOptions options(int namespaces) {
        NvmeOptions usual = NvmeOptions.DEFAULT;
        String version = words.take("version");
        boolean version2 =
                switch (version == null ? "1.4" : version) {
                    case "1.4" -> false;
                    case "2.0" -> true;
                    default -> throw words.wrong("version is 1.4 or 2.0");
                };
        String capacity = words.take("capacity");
        String shared = words.take("shared");
        return new NvmeOptions(
                version2,
                words.number("max", Math.max(usual.maxNamespaces(), namespaces), 1, 4096),
                words.number("mdts", usual.maxTransfer(), 1, 7),
                words.number("queues", usual.queues(), 1, 16),
                capacity == null ? 0 : words.size(capacity),
                words.number("timeout", usual.readyTimeout(), 1, 255),
                without(),
                shared != null && words.yes("shared", shared));
    }

    private Set<NvmeOptions.Feature> without() {
        Set<NvmeOptions.Feature> without = EnumSet.noneOf(NvmeOptions.Feature.class);
        String value = words.take("without");
        for (String name : value == null ? new String[0] : value.split("\\+", -1)) {
            without.add(Arrays.stream(NvmeOptions.Feature.values())
                    .filter(feature -> feature.name().replace('_', '-').equalsIgnoreCase(name.strip()))
                    .findFirst()
                    .orElseThrow(() -> words.wrong("there is no feature '" + name + "' to go without")));
        }
        return without;
    }

    private static String nth(String[] list, int index) {
        return list[Math.min(index, list.length - 1)].strip();
    }

    private int blockSize(String block) {
        return switch (block) {
            case "512" -> 512;
            case "4096", "4K", "4k" -> 4096;
            default -> throw words.wrong("block is 512 or 4096");
        };
    }

    private Optional<Path> file(@Nullable String value) {
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(value));
        } catch (InvalidPathException e) {
            throw words.wrong("its file is no path: " + e.getMessage());
        }
    }

    /** Blocks that stay keep their serial number; blocks that go with the card need none that lasts. */
    private static String serial(Optional<Path> file) {
        int number = file.map(path -> path.toAbsolutePath().normalize().toString().hashCode())
                .orElseGet(() -> ThreadLocalRandom.current().nextInt());
        return "EMU" + HexFormat.of().withUpperCase().toHexDigits(number);
    }
}
