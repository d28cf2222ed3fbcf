package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The assembly as a user meets it: started by its script, in a home of its own. */
class AssemblyIT {

    @TempDir
    Path folder;

    private String home;

    @BeforeEach
    void nameHome() {
        home = folder.resolve("home").toString();
    }

    private BusbarProcess.Result batch(String lines) throws IOException, InterruptedException {
        return BusbarProcess.run(folder, lines, "--home", home, "batch", "-");
    }

    @Test
    void batchRunsEveryCommand() throws Exception {
        var result = batch("""
                # what is there
                rack:list
                pci:await e000:01:00.0 bound 30
                nvme:list

                rack:insert 5 nvme:size=8M,serial=BATCH
                pci:await e000:05:00.0 bound 30
                nvme:read e000:05:00.0/n1 0
                pci:why e000:05:00.0
                rack:pull 5
                pci:await e000:05:00.0 gone 30
                rack:eject 1
                pci:await e000:01:00.0 gone 30
                pci:events -n 5
                echo done | grep done
                """);

        assertThat(result.err()).contains("> rack:list\n").doesNotContain("standard input, line");
        assertThat(result.status()).isZero();
        assertThat(result.out())
                .contains("e000:05:00.0 is driven by nvme", "e000:05:00.0 is gone")
                .endsWith("\ndone\n");
    }

    @Test
    void batchStopsAtTheFirstCommandThatFails() throws Exception {
        Path script = Files.writeString(folder.resolve("script"), """
                rack:list
                # the third line fails
                pci:show 0000:ff:1f.7
                rack:pull 1
                """);

        var result = BusbarProcess.run(folder, "", "--home", home, "batch", script.toString());

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err())
                .contains("line 3: there is no function at 0000:ff:1f.7; pci:list shows")
                .doesNotContain("rack:pull");
    }

    @Test
    void everyListingHasJson() throws Exception {
        var result = batch("""
                pci:list -j
                pci:tree -j
                pci:show -j e000:01:00.0
                pci:drivers -j
                pci:events -j
                pci:rescan -j
                rack:list -j
                nvme:list -j
                nic:list -j
                """);

        assertThat(result.err()).doesNotContain("standard input, line");
        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("\"address\": \"e000:01:00.0\"");
    }

    /** So that {@code busbar batch - | jq} works. */
    @Test
    void outputOfABatchIsWhatTheCommandsPrint() throws Exception {
        var result = batch("rack:list -j\n");

        assertThat(result.out()).startsWith("[").endsWith("]\n");
        assertThat(result.err()).endsWith("> rack:list -j\n");
    }

    @Test
    void withoutEmulatorAndInputItShowsTheBusAndEnds() throws Exception {
        var result = BusbarProcess.run(folder, "", "--home", home, "--no-emulator");

        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        assertThat(result.out()).startsWith("linux  ").doesNotContain("e000:");
    }

    @Test
    void commandsOverAPipeGoOnAfterAFailure() throws Exception {
        var result = BusbarProcess.run(folder, "nonsense\necho still here\n", "--home", home);

        assertThat(result.status()).isZero();
        assertThat(result.err()).contains("Command not found: nonsense");
        assertThat(result.out()).endsWith("still here\n");
    }

    @Test
    void anotherTreeCanBeScanned() throws Exception {
        Path sysfs = folder.resolve("sysfs");
        Files.createDirectories(sysfs.resolve("bus/pci/devices"));

        var result = BusbarProcess.run(
                folder, "", "--home", home, "--no-emulator", "--sysfs", sysfs.toString());

        assertThat(result.status()).isZero();
        assertThat(result.out()).startsWith("linux  0 functions");
    }

    @Test
    void wrongArgumentsAreAStatusOfTheirOwn() throws Exception {
        var result = BusbarProcess.run(folder, "", "frobnicate");

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).startsWith("busbar: 'frobnicate' is not").contains("--help");
    }

    @Test
    void aHomeIsUsedByOneAtATime() throws Exception {
        BusbarProcess first = BusbarProcess.start(folder, "--home", home, "batch", "-");
        try {
            first.type("echo ready\n").untilItSays("ready");

            var second = batch("rack:list\n");

            assertThat(second.status()).isEqualTo(3);
            assertThat(second.err()).contains("another Busbar is running in").contains("--home DIR");
        } finally {
            assertThat(first.end().status()).isZero();
        }
    }

    @Test
    void anEndBySignalIsAnOrderlyOne() throws Exception {
        BusbarProcess busbar = BusbarProcess.start(folder, "--home", home, "batch", "-");
        busbar.type("echo ready\n").untilItSays("ready");

        var result = busbar.terminate();

        assertThat(result.status()).isEqualTo(128 + 15);
        assertThat(result.err()).endsWith("> echo ready\n");
        assertThat(Path.of(home, "log/busbar.log")).content().contains("the runtime stops");
    }

    @Test
    void whatCannotBeUsedIsNamedAndNothingElseIsLost() throws Exception {
        Path drivers = Files.createDirectories(Path.of(home, "drivers"));
        Path conf = Files.createDirectories(Path.of(home, "conf"));
        Path shipped = Path.of(System.getProperty("busbar.assembly"));
        Files.copy(shipped.resolve("drivers/nvme-driver-bundle.jar"), drivers.resolve("nvme-driver-bundle.jar"));
        Files.copy(shipped.resolve("conf/logback.xml"), conf.resolve("logback.xml"));
        Files.writeString(drivers.resolve("junk.jar"), "this is no jar");
        bundle(drivers.resolve("missing.jar"), "org.example.missing", "org.example.nowhere;version=\"[2.0,3)\"");
        Files.writeString(conf.resolve("org.busbar.core.cfg"), "deny = \\uzzzz\n");

        var result = batch("pci:await e000:01:00.0 bound 30\npci:drivers\npci:list\n");

        assertThat(result.status()).isZero();
        assertThat(result.out())
                .contains("!  junk.jar: is no jar")
                .contains("!  missing.jar: needs what no bundle here has: package org.example.nowhere 2.0.0")
                .contains("!  org.busbar.core.cfg: is malformed")
                .contains("e000:01:00.0");
        assertThat(Path.of(home, "log/busbar.log")).content().contains("junk.jar is no jar");
    }

    private static void bundle(Path jar, String name, String imports) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Bundle-ManifestVersion", "2");
        attributes.putValue("Bundle-SymbolicName", name);
        attributes.putValue("Import-Package", imports);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            out.finish();
        }
    }
}
