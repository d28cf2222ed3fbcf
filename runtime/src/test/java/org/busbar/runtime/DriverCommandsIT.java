package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drivers are replaced by commands, in an assembly whose folder drivers/ is watched. */
class DriverCommandsIT {

    private static final String NVME = "nvme-driver-bundle.jar";
    private static final String BUNDLE = "org.busbar.driver.nvme ";

    @TempDir
    Path folder;

    /** Makes another version of the NVMe driver. */
    private Path version(String version, String moreImports) throws IOException {
        Path jar = folder.resolve("nvme-" + version + ".jar");
        Path drivers = Path.of(System.getProperty("busbar.assembly"), "drivers");
        try (JarFile from = new JarFile(drivers.resolve(NVME).toFile())) {
            Manifest manifest = new Manifest(from.getManifest());
            manifest.getMainAttributes().putValue("Bundle-Version", version);
            manifest.getMainAttributes()
                    .putValue("Import-Package", manifest.getMainAttributes().getValue("Import-Package") + moreImports);
            try (OutputStream file = Files.newOutputStream(jar);
                    JarOutputStream to = new JarOutputStream(file, manifest)) {
                for (JarEntry entry : Collections.list(from.entries())) {
                    if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
                        to.putNextEntry(new JarEntry(entry.getName()));
                        try (InputStream content = from.getInputStream(entry)) {
                            content.transferTo(to);
                        }
                    }
                }
            }
        }
        return jar;
    }

    private BusbarProcess.Result batch(String lines) throws IOException, InterruptedException {
        return BusbarProcess.run(folder, lines, "--home", folder.resolve("home").toString(), "batch", "-");
    }

    private List<String> drivers() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("home/drivers"))) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.contains("nvme")).toList();
        }
    }

    /** The last version is there after a restart as well, once, and so is its jar. */
    @Test
    void driversThatAreSwappedAndUpdatedStayWhatTheyAre() throws Exception {
        var result = batch("""
                pci:await e000:01:00.0 bound 60
                driver:swap %s
                driver:swap %s
                driver:update %s
                nvme:read e000:01:00.0/n1 0
                """.formatted(version("90.0.0", ""), version("91.0.0", ""), version("92.0.0", "")));

        assertThat(result.err()).doesNotContain("standard input, line");
        assertThat(result.status()).isZero();
        assertThat(result.out().lines())
                .anyMatch(line -> line.matches(
                        BUNDLE + ".* -> 90\\.0\\.0, \\d+ classes linked ahead; its jar is .*/nvme-90\\.0\\.0\\.jar"))
                .anyMatch(line -> line.matches(BUNDLE + "90\\.0\\.0 -> 91\\.0\\.0, .*"))
                .anyMatch(line -> line.equals(BUNDLE + "91.0.0 -> 92.0.0"))
                .filteredOn(
                        line -> line.matches("e000:01:00\\.0  (handed over|reset), without a driver for [\\d.]+ ms"))
                .hasSize(3)
                .filteredOn(line -> line.contains("handed over")) // an update may take longer than the grace
                .hasSizeGreaterThanOrEqualTo(2);
        assertThat(drivers()).containsExactly("nvme-91.0.0.jar");

        var again = batch("""
                pci:await e000:01:00.0 bound 60
                pci:settle 60
                pci:drivers -j
                """);

        assertThat(again.status()).isZero();
        assertThat(again.out().lines().filter(line -> line.contains("\"version\": \"92.0.0\""))).hasSize(1);
        assertThat(again.out().lines().filter(line -> line.contains("\"bundle\": \"org.busbar.driver.nvme\"")))
                .hasSize(1);
    }

    @Test
    void driverThatCannotBeResolvedIsNotUsedAndTheOneBeforeIsBack() throws Exception {
        Path needy = version("93.0.0", ",org.example.missing");
        BusbarProcess busbar = BusbarProcess.start(folder, "--home", folder.resolve("home").toString(), "batch", "-");
        var result = busbar.type("pci:await e000:01:00.0 bound 60\ndriver:update " + needy + "\n").end();

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("needs what no bundle here has: package org.example.missing",
                "The driver before it is back");
        assertThat(drivers()).containsExactly(NVME);

        var swapped = batch("pci:await e000:01:00.0 bound 60\ndriver:swap " + needy + "\n");

        assertThat(swapped.status()).isEqualTo(1);
        assertThat(swapped.err()).contains("does not start, nothing is changed: needs what no bundle here has");
        assertThat(drivers()).containsExactly(NVME);
    }
}
