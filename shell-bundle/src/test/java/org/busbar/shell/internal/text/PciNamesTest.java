package org.busbar.shell.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.busbar.pci.PciIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PciNamesTest {

    private static final String FILE = """
            # a comment
            8086  Intel Corporation
            \t10d3  82574L Gigabit Network Connection
            \t\t8086 a01f  Gigabit CT Desktop Adapter
            1b36  Red Hat, Inc.
            \t0010  QEMU NVM Express Controller
            C 02  Network controller
            \t00  Ethernet controller
            C 01  Mass storage controller
            \t08  Non-Volatile memory controller
            \t\t02  NVM Express
            """;

    private final PciNames names = PciNames.parse(FILE.lines());

    private static PciIds ids(int vendor, int device) {
        return new PciIds(vendor, device, 0, 0, 0x020000);
    }

    @Test
    void fileIsUtf8AndOddBytesDoNoHarm(@TempDir Path folder) throws IOException {
        Path file = Files.write(
                folder.resolve("pci.ids"), "1234  Brücke \u00ff\n5678  Wolf\n".getBytes(StandardCharsets.UTF_8));
        assertThat(PciNames.read(file).vendor(0x1234)).contains("Brücke ÿ");

        Files.write(file, "1234  Br\u00fccke\n5678  Wolf\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(PciNames.read(file).vendor(0x1234)).contains("Br\ufffdcke");
        assertThat(PciNames.read(file).vendor(0x5678)).contains("Wolf");
    }

    @Test
    void knownDevice() {
        assertThat(names.device(ids(0x8086, 0x10d3))).isEqualTo("Intel 82574L Gigabit Network Connection");
    }

    @Test
    void unknownDeviceOfAKnownVendor() {
        assertThat(names.device(ids(0x1b36, 0xabcd))).isEqualTo("Red Hat device abcd");
    }

    @Test
    void unknownVendor() {
        assertThat(names.device(ids(0x1234, 0x1111))).isEqualTo("1234:1111");
    }

    @Test
    void classesByTheMostExactName() {
        assertThat(names.kind(0x020000)).isEqualTo("Ethernet");
        assertThat(names.kind(0x010802)).isEqualTo("Non-Volatile memory");
        assertThat(names.kind(0x028000)).isEqualTo("Network");
        assertThat(names.kind(0xff0000)).isEqualTo("class ff0000");
    }

    @Property(tries = 200)
    void anyLineCanBeRead(@ForAll String line) {
        assertThat(PciNames.parse(line.lines()).device(ids(1, 2))).isNotNull();
    }
}
