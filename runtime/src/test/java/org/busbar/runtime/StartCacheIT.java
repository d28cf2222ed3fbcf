package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts from what an earlier start has taught the JVM; one that does not fit makes no difference but time. */
class StartCacheIT {

    @TempDir
    static Path folder;

    private static Path assembly;
    private static Path launcher;
    private static Path cache;

    @BeforeAll
    static void trainACopy() throws Exception {
        Path shipped = Path.of(System.getProperty("busbar.assembly"));
        assembly = folder.resolve("assembly");
        for (String part : List.of("bin", "bundle", "conf", "console", "drivers", "etc", "lib")) {
            copy(shipped, part);
        }
        launcher = assembly.resolve("lib/busbar-launcher.jar");
        assertThat(BusbarProcess.start(folder, assembly.resolve("bin/train")).end())
                .isEqualTo(new BusbarProcess.Result(0, "", ""));
        try (Stream<Path> files = Files.list(assembly.resolve("lib"))) {
            cache = files.filter(file -> file.getFileName().toString().startsWith("start-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void copy(Path shipped, String part) throws IOException {
        try (Stream<Path> files = Files.walk(shipped.resolve(part))) {
            for (Path file : files.filter(file -> !file.toString().endsWith(".aot")).toList()) {
                Path copy = assembly.resolve(shipped.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private BusbarProcess start() throws IOException {
        return BusbarProcess.start(
                folder, assembly.resolve("bin/busbar"), "--home", folder.resolve("home").toString(), "batch", "-");
    }

    private void assertStarts(boolean fromCache) throws Exception {
        assertThat(assertStarts().contains(".aot")).as("started from the cache").isEqualTo(fromCache);
    }

    /** Returns which files it has mapped. */
    private String assertStarts() throws Exception {
        BusbarProcess busbar = start().type("echo ready\n").untilItSays("ready");
        String maps = busbar.maps();
        var result = busbar.end();
        assertThat(result.status()).isZero();
        assertThat(result.out()).isEqualTo("ready\n");
        assertThat(result.err()).endsWith("> echo ready\n");
        return maps;
    }

    @Test
    void trainedAssemblyStartsFromItsCacheUntilItsJarsChange() throws Exception {
        FileTime built = Files.getLastModifiedTime(launcher);
        assertStarts(true);
        Files.setLastModifiedTime(launcher, FileTime.from(Instant.now().plusSeconds(60)));
        assertStarts(false);
        Files.setLastModifiedTime(launcher, FileTime.from(Instant.EPOCH)); // older: only the JVM sees that it is another
        assertStarts();
        Files.setLastModifiedTime(launcher, built);
    }

    @Test
    void cacheThatIsNoneMakesNoDifference() throws Exception {
        byte[] good = Files.readAllBytes(cache);
        for (int length : new int[] {0, good.length / 2}) {
            Files.write(cache, Arrays.copyOf(good, length));
            assertStarts(false);
        }
        Files.writeString(cache, "this is no cache");
        assertStarts(false);
        Files.write(cache, good);
    }
}
