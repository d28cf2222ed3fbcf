package org.busbar.shell.internal.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.busbar.pci.PciIds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names of vendors, devices and classes, from the pci.ids file of the distribution: lines {@code vvvv  vendor}, below
 * them with a tab {@code dddd  device}, with two tabs subsystems; classes begin with {@code C cc}.
 */
public final class PciNames {

    private static final Logger LOG = LoggerFactory.getLogger(PciNames.class);
    private static final List<Path> PLACES = List.of(
            Path.of("/usr/share/misc/pci.ids"),
            Path.of("/usr/share/hwdata/pci.ids"),
            Path.of("/var/lib/pciutils/pci.ids"));
    private static final Pattern FORM_OF_COMPANY = Pattern.compile(
            ",? (Inc\\.?|Corporation|Corp\\.?|Co\\.,? Ltd\\.?|Ltd\\.?|Limited|GmbH|AG|LLC|controller)$",
            Pattern.CASE_INSENSITIVE);
    private static final PciNames NONE = new PciNames();

    private final Map<String, String> names = new HashMap<>();
    private String upper = "";
    private String middle = "";

    private PciNames() {}

    /** The file that this machine has, read when first needed; no names without one. */
    public static PciNames ofThisMachine() {
        return Holder.NAMES;
    }

    private static final class Holder {
        private static final PciNames NAMES = find();

        private static PciNames find() {
            Optional<Path> file = PLACES.stream().filter(Files::isReadable).findFirst();
            if (file.isEmpty()) {
                LOG.info("No pci.ids in {}: devices are shown without names", PLACES);
                return NONE;
            }
            try {
                return read(file.get());
            } catch (IOException e) {
                LOG.warn("Cannot read {}: devices are shown without names", file.get(), e);
                return NONE;
            }
        }
    }

    /** Reads a pci.ids file, which is UTF-8; bytes that are not are replaced. */
    static PciNames read(Path file) throws IOException {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
            return parse(reader.lines());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Reads the lines of a pci.ids file; lines that are none are left out. */
    static PciNames parse(Stream<String> lines) {
        PciNames names = new PciNames();
        lines.forEach(names::line);
        return names;
    }

    private void line(String line) {
        if (line.isBlank() || line.startsWith("#")) {
            return;
        }
        int gap = line.indexOf("  ");
        if (gap < 0) {
            return;
        }
        String name = plain(line.substring(gap).strip());
        if (line.startsWith("\t\t")) {
            names.put(middle + ':' + line.substring(2, gap).strip().replace(' ', ':'), name);
        } else if (line.startsWith("\t")) {
            middle = upper + ':' + line.substring(1, gap).strip();
            names.put(middle, name);
        } else {
            upper = line.substring(0, gap).strip();
            names.put(upper, name);
        }
    }

    /** Leaves out what is in every second name and tells nothing. */
    private static String plain(String name) {
        return FORM_OF_COMPANY.matcher(name).replaceFirst("");
    }

    /** Returns vendor and device in words; what has no name in hex. */
    public String device(PciIds ids) {
        String key = ids.deviceText();
        String vendor = names.get(key.substring(0, 4));
        String device = names.get(key);
        if (vendor == null) {
            return key;
        }
        return vendor + ' ' + (device == null ? "device " + key.substring(5) : device);
    }

    /** Returns the vendor's name, nothing if it has none. */
    public Optional<String> vendor(int id) {
        return Optional.ofNullable(names.get(HexFormat.of().toHexDigits((short) id)));
    }

    /** Returns the most exact name of a class code that there is, the code in hex if there is none. */
    public String kind(int classCode) {
        String code = HexFormat.of().toHexDigits(classCode, 6);
        String base = "C " + code.substring(0, 2);
        String sub = base + ':' + code.substring(2, 4);
        return Optional.ofNullable(names.get(sub))
                .or(() -> Optional.ofNullable(names.get(base)))
                .orElse("class " + code);
    }
}
