package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void whatIsShownOfAFunctionHasItsBarsAndCapabilities() throws Exception {
        var result = batch("pci:show e000:01:00.0\npci:show -j e000:01:00.0\n");

        assertThat(result.status()).isZero();
        assertThat(result.out().lines().map(String::strip))
                .anyMatch(line -> line.matches("BAR 0 +[0-9.]+ Ki?B, memory64"))
                .anyMatch(line -> line.matches("capability +[0-9a-f]{2}  MSI-X"));
        assertThat(result.out()).contains("\"bars\": [", "\"capabilities\": [", "\"name\": \"MSI-X\"",
                "\"revision\": ");
    }

    @Test
    void everyVerbOfTheBusAndTheRackDoesWhatItSays() throws Exception {
        var result = batch("""
                pci:await e000:01:00.0 bound 30
                pci:unbind e000:01:00.0
                pci:await e000:01:00.0 unbound 30
                pci:bind e000:01:00.0 nvme
                pci:await e000:01:00.0 bound 30
                pci:detach e000:01:00.0
                pci:await e000:01:00.0 detached 30
                pci:attach e000:01:00.0
                pci:await e000:01:00.0 bound 30
                rack:fault 1 slow 1
                rack:list
                rack:heal 1
                rack:list
                rack:swap 1 nvme:size=8M,serial=SWAPPED
                pci:rescan
                pci:await e000:01:00.0 bound 30
                pci:settle 30
                nvme:list
                """);

        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out()).contains("slot 1: healed", "in place of the card that was there", "SWAPPED")
                .containsOnlyOnce("open  completions 1 ms late");
    }

    @Test
    void eventsAreFollowedAsJsonLinesUntilThereWereEnough() throws Exception {
        BusbarProcess busbar = BusbarProcess.start(folder, "--home", home, "batch", "-");
        busbar.type("pci:settle 30\necho follows\npci:events -f -j -n 3\necho enough\n").untilItSays("follows");
        Files.writeString(Path.of(home, "conf/org.busbar.core.cfg"), "deny = e000:*\n");

        var result = busbar.untilItSays("enough").end();

        assertThat(result.status()).as(result.err()).isZero();
        String followed = result.out().substring(result.out().indexOf("follows\n") + "follows\n".length());
        assertThat(followed.lines().limit(3)).allMatch(line -> line.startsWith("{\"") && line.endsWith("}"))
                .anyMatch(line -> line.contains("\"kind\":\""));
        assertThat(followed.lines().skip(3).findFirst()).contains("enough");
    }

    @Test
    void followingWithoutAnEndIsRefusedWhereNobodyCanEndIt() throws Exception {
        var result = batch("pci:events -f\n");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("line 1: nobody can press Enter here: say with -n");
    }

    /** So that {@code busbar batch - | jq} works. */
    @Test
    void outputOfABatchIsWhatTheCommandsPrint() throws Exception {
        var result = batch("rack:list -j\n");

        assertThat(result.out()).startsWith("[").endsWith("]\n");
        assertThat(result.err()).endsWith("> rack:list -j\n");
    }

    /** So that it still works when a bundle prints: some do on their way out, if the log service is gone already. */
    @Test
    void whatBundlesPrintUnaskedIsInALog() throws Exception {
        Path drivers = Files.createDirectories(Path.of(home, "drivers"));
        Path log = Files.createDirectories(Path.of(home, "log")).resolve("output.log");
        SmallBundle.with(PrintingActivator.class).write(drivers.resolve("printing.jar"));
        BusbarProcess busbar = BusbarProcess.start(folder, "--home", home, "batch", "-");

        var result = busbar.untilFileHas(log, "printed at start").type("rack:list -j\n").end();

        assertThat(log).content().contains("printed at stop");
        assertThat(result.out()).doesNotContain("printed").endsWith("]\n");
        assertThat(result.err()).doesNotContain("printed");
    }

    @Test
    void withoutEmulatorAndInputItShowsTheBusAndEnds() throws Exception {
        var result = BusbarProcess.run(folder, "", "--home", home, "--no-emulator");

        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        assertThat(result.out()).startsWith("linux  ").doesNotContain("e000:");
    }

    /** What Busbar could have changed of this machine's devices: who has them, who is to have them, whether they are on. */
    private static Map<String, List<String>> machine() throws IOException {
        Map<String, List<String>> devices = new TreeMap<>();
        for (Path device : folders(Path.of("/sys/bus/pci/devices"))) {
            List<String> state = new ArrayList<>(List.of(kernelDriver(device)));
            for (String name : List.of("uevent", "driver_override", "enable", "numa_node", "config")) {
                Path attribute = device.resolve(name);
                byte[] content = Files.isReadable(attribute) ? Files.readAllBytes(attribute) : new byte[0];
                // Of config: ids and command register. What follows, the status, changes by itself.
                int length = name.equals("config") ? Math.min(content.length, 6) : content.length;
                state.add(name + ": " + HexFormat.of().formatHex(content, 0, length));
            }
            devices.put(device.getFileName().toString(), state);
        }
        return devices;
    }

    private static List<Path> folders(Path folder) throws IOException {
        try (Stream<Path> entries = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            return entries.sorted().toList();
        }
    }

    private static String kernelDriver(Path device) throws IOException {
        Path link = device.resolve("driver");
        return Files.isSymbolicLink(link) ? Files.readSymbolicLink(link).getFileName().toString() : "";
    }

    @Test
    void L10_thisMachinesDevicesAreListedWithTheirKernelDriversAndNotTouched() throws Exception {
        Map<String, List<String>> before = machine();

        var result = BusbarProcess.run(folder, "pci:rescan\npci:list\n", "--home", home, "--no-emulator");

        assertThat(machine()).as("what the kernel says of its devices").isEqualTo(before);
        assertThat(result.out()).startsWith("linux  " + before.size() + " function");
        for (String address : before.keySet()) {
            Path device = Path.of("/sys/bus/pci/devices", address);
            String ids = id(device, "vendor") + ":" + id(device, "device");
            String driver = kernelDriver(device).isEmpty() ? "" : "kernel: " + kernelDriver(device);
            assertThat(result.out().lines())
                    .as(address)
                    .anyMatch(line -> line.contains(" " + address + "  " + ids + "  ") && line.endsWith(driver));
        }
    }

    private static String id(Path device, String name) throws IOException {
        return Files.readString(device.resolve(name)).strip().substring("0x".length());
    }

    /** The tree in the memory of someone's machine: whatever is asked for, nothing in it is written, nor its names lost. */
    @Test
    void L10_treeOfAnotherMachineIsShownWithNamesAndNotWrittenTo() throws Exception {
        Path sysfs = folder.resolve("sysfs");
        Path nic = Files.createDirectories(sysfs.resolve("bus/pci/devices/0000:07:00.0"));
        Path kernel = Files.createDirectories(sysfs.resolve("bus/pci/drivers/e1000e"));
        Files.createSymbolicLink(nic.resolve("driver"), kernel);
        Files.writeString(nic.resolve("uevent"), "DRIVER=e1000e\nPCI_CLASS=20000\nPCI_ID=8086:10D3\n"
                + "PCI_SUBSYS_ID=8086:A01F\nPCI_SLOT_NAME=0000:07:00.0\n");
        Files.writeString(nic.resolve("driver_override"), "(null)\n");
        Path conf = Files.createDirectories(Path.of(home, "conf"));
        Files.copy(Path.of(System.getProperty("busbar.assembly"), "conf/logback.xml"), conf.resolve("logback.xml"));
        Files.writeString(conf.resolve("org.busbar.pci.linux.cfg"), "claims = 0000:07:00.0\npollMillis = often\n");
        Map<Path, String> before = content(sysfs);

        var result = BusbarProcess.run(folder,
                "pci:rescan\npci:attach 0000:07:00.0\npci:list\npci:show 0000:07:00.0\n",
                "--home", home, "--no-emulator", "--sysfs", sysfs.toString());

        assertThat(content(sysfs)).isEqualTo(before);
        assertThat(result.out()).startsWith("linux  1 function").contains("0000:07:00.0  8086:10d3", "kernel: e1000e");
        if (Files.exists(Path.of("/usr/share/misc/pci.ids"))) {
            assertThat(result.out()).contains("Ethernet, Intel 82574L");
        }
        assertThat(Path.of(home, "log/busbar.log")).content()
                .contains("malformed configuration conf/org.busbar.pci.linux.cfg", "pollMillis 'often': write a whole");
    }

    private static Map<Path, String> content(Path tree) throws IOException {
        Map<Path, String> content = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.toList()) {
                content.put(path, Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS) + " "
                        + (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? Files.readString(path) : ""));
            }
        }
        return content;
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
        SmallBundle.needing("org.example.nowhere;version=\"[2.0,3)\"").write(drivers.resolve("missing.jar"));
        Files.writeString(conf.resolve("org.busbar.driver.nvme.cfg"), "ioQueues = \\uzzzz\n");

        var result = batch("pci:await e000:01:00.0 bound 30\npci:drivers\npci:list\n");

        assertThat(result.status()).isZero();
        assertThat(result.out())
                .contains("!  junk.jar: is no jar")
                .contains("!  missing.jar: needs what no bundle here has: package org.example.nowhere 2.0.0")
                .contains("!  org.busbar.driver.nvme.cfg: line 1 is malformed")
                .contains("e000:01:00.0");
        assertThat(result.err()).contains("org.busbar.driver.nvme.cfg, line 1 is malformed: ioQueues = \\uzzzz");
        assertThat(Path.of(home, "log/busbar.log")).content().contains("junk.jar is no jar");
    }

    /** Whatever it is that keeps the policy from being read: what it denies is not to be touched. */
    @ParameterizedTest
    @ValueSource(strings = {"# denied:\ndeny = \\uzzzz\n", "deny = [ \"class:01\n"})
    void L9_policyThatCannotBeReadLetsNothingBeBound(String policy) throws Exception {
        Path conf = Files.createDirectories(Path.of(home, "conf"));
        Files.copy(Path.of(System.getProperty("busbar.assembly"), "conf/logback.xml"), conf.resolve("logback.xml"));
        Path file = Files.writeString(conf.resolve("org.busbar.core.cfg"), policy);
        BusbarProcess busbar = BusbarProcess.start(folder, "--home", home, "batch", "-");

        busbar.type("pci:await e000:01:00.0 denied 30\npci:why e000:01:00.0\npci:drivers\necho looked\n")
                .untilItSays("looked");
        Files.writeString(file, "deny = e000:02:*\n");
        busbar.type("pci:await e000:01:00.0 bound 30\npci:await e000:02:00.0 denied 30\n");

        var result = busbar.end();
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out()).contains("Nothing is bound until ");
        if (policy.contains("\\u")) {
            assertThat(result.out()).contains("line 2 is malformed: deny = \\uzzzz", "!  org.busbar.core.cfg: line 2");
            assertThat(result.err()).contains(file.toRealPath() + ", line 2 is malformed", "nothing is bound");
        }
    }

}
