package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is done about controllers that differ. */
class QuirksTest {

    @ParameterizedTest
    @EnumSource(Quirks.Quirk.class)
    void everyQuirkIsAskedForSomewhere(Quirks.Quirk quirk) throws Exception {
        Path classes = Path.of(Quirks.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI()
                .resolve(Quirks.class.getPackageName().replace('.', '/') + "/"));
        List<Path> others;
        try (Stream<Path> files = Files.list(classes)) {
            others = files.filter(file -> !file.getFileName().toString().startsWith("Quirks")).toList();
        }
        int askers = 0;
        for (Path file : others) {
            if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(quirk.name())) {
                askers++;
            }
        }
        assertThat(askers).isPositive();
    }
}
