package org.busbar.pci.internal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.ScanProblem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceScannerTest {

    @TempDir
    Path dir;

    Tree tree;
    DeviceScanner scanner;

    @BeforeEach
    void makeTree() throws IOException {
        tree = new Tree(dir);
        scanner = tree.scanner();
    }

    @Test
    void L1_threeDevicesOfAMadeUpTree() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000");
        tree.add("0000:01:02.0", "1B36:0010", "10802");
        tree.add("0000:02:ab.0", "1AF4:1041", "20000");

        HostSnapshot snapshot = scanner.scan(null);

        assertThat(addresses(snapshot)).containsExactly("0000:01:00.0", "0000:01:02.0", "0000:02:ab.0");
        assertThat(snapshot.functions().get(1).ids()).isEqualTo(new PciIds(0x1b36, 0x10, 0x1af4, 0x1100, 0x010802));
        assertThat(snapshot.problems()).isEmpty();
    }

    @Test
    void L1_nothingChangedIsTheSameSnapshot() throws IOException {
        tree.fill(300);
        HostSnapshot first = scanner.scan(null);
        assertThat(first.functions()).hasSize(300);
        assertThat(scanner.scan(first)).isSameAs(first);
        assertThat(scanner.scan(first)).isSameAs(first);
    }

    @Test
    void L1_appearedVanishedAndReplacedAreToldFromWhatStayed() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000");
        tree.add("0000:02:00.0", "8086:10D3", "20000");
        tree.add("0000:03:00.0", "8086:10D3", "20000");
        HostSnapshot first = scanner.scan(null);

        tree.remove("0000:02:00.0").add("0000:00:1f.7", "8086:10D3", "20000");
        // Added before the old one is removed, so that the file system cannot use its inode again.
        Files.move(tree.device("0000:03:00.0"), dir.resolve("old"));
        tree.add("0000:03:00.0", "8086:10D3", "20000");
        HostSnapshot second = scanner.scan(first);

        assertThat(addresses(second)).containsExactly("0000:00:1f.7", "0000:01:00.0", "0000:03:00.0");
        assertThat(second.functions().get(1)).isSameAs(first.functions().get(0));
        assertThat(second.functions().get(2)).isNotSameAs(first.functions().get(2));
    }

    @Test
    void L1_listingInOtherOrderButSameContentIsTheSameSnapshot() throws IOException {
        tree.fill(20);
        HostSnapshot first = scanner.scan(null);
        // Another scan in between, of the same objects: the listing that is kept is then not the one of `first`.
        tree.add("0000:0f:00.0", "8086:10D3", "20000");
        HostSnapshot second = scanner.scan(first);
        tree.remove("0000:0f:00.0");
        HostSnapshot third = scanner.scan(second);

        assertThat(third.functions()).isEqualTo(first.functions());
        assertThat(scanner.scan(first)).isSameAs(first);
        assertThat(scanner.scan(first)).isSameAs(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "garbage", "PCI_CLASS=20000\n", "PCI_ID=8086:10D3\n", "PCI_CLASS=xyz\nPCI_ID=8086:10D3\n",
        "PCI_CLASS=20000\nPCI_ID=8086-10D3\n", "PCI_CLASS=1234567\nPCI_ID=8086:10D3\n", "\0\0\0\n\n\n"
    })
    void L1_garbageInOneDeviceIsReportedAndTakesNothingElseAway(String content) throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000").add("0000:02:00.0", "8086:10D3", "20000");
        HostSnapshot first = scanner.scan(null);
        tree.add("0000:01:01.0", "8086:10D3", "20000").attribute("0000:01:01.0", "uevent", content);

        HostSnapshot second = scanner.scan(first);

        assertThat(second.functions()).isEqualTo(first.functions());
        assertThat(second.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.where()).isEqualTo("0000:01:01.0");
            assertThat(problem.what()).contains("uevent", "PCI_CLASS", "left out");
        });
    }

    @Test
    void L1_unreadableDeviceIsReportedAndAddedOnceItCanBeRead() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000").add("0000:02:00.0", "8086:10D3", "20000");
        tree.spoil("0000:02:00.0", "uevent");
        HostSnapshot first = scanner.scan(null);
        assertThat(addresses(first)).containsExactly("0000:01:00.0");
        assertThat(first.problems()).singleElement()
                .extracting(ScanProblem::what)
                .asString()
                .contains("0000:02:00.0/uevent", "EISDIR");
        assertThat(scanner.scan(first)).isSameAs(first);

        Files.delete(tree.device("0000:02:00.0").resolve("uevent"));
        tree.attribute("0000:02:00.0", "uevent", Tree.uevent("0000:02:00.0", "1B36:0010", "10802"));
        HostSnapshot second = scanner.scan(first);
        assertThat(addresses(second)).containsExactly("0000:01:00.0", "0000:02:00.0");
        assertThat(second.problems()).isEmpty();
    }

    @Test
    void L1_missingUeventAndDanglingLinkAreReported() throws IOException {
        Files.createDirectory(tree.device("0000:01:00.0"));
        Files.createSymbolicLink(tree.device("0000:02:00.0"), dir.resolve("nowhere"));
        tree.add("0000:03:00.0", "8086:10D3", "20000");
        HostSnapshot snapshot = scanner.scan(null);
        assertThat(addresses(snapshot)).containsExactly("0000:03:00.0");
        assertThat(snapshot.problems()).hasSize(2).allSatisfy(p -> assertThat(p.what()).contains("uevent", "ENOENT"));
    }

    @Test
    void L1_knownDeviceThatBecomesUnreadableStaysIn() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000");
        HostSnapshot first = scanner.scan(null);
        tree.spoil("0000:01:00.0", "uevent");
        assertThat(scanner.scan(first)).isSameAs(first);

        scanner.suspect(AddressText.key(PciAddress.parse("0000:01:00.0")));
        HostSnapshot second = scanner.scan(first);
        assertThat(second.functions()).isEqualTo(first.functions());
        assertThat(second.problems()).hasSize(1);
    }

    @Test
    void L1_namesThatAreNoAddressesAreReported() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000");
        for (String name : List.of("hello", "0000:01:00.8", "0000:0A:00.0", "00000:01:00.0", "01:00.0", ".hidden",
                "x")) {
            Files.createDirectory(tree.device(name));
        }
        HostSnapshot first = scanner.scan(null);
        assertThat(addresses(first)).containsExactly("0000:01:00.0");
        assertThat(first.problems()).hasSize(7).allSatisfy(p -> assertThat(p.what()).contains("no PCI address"));
        assertThat(scanner.scan(first)).isSameAs(first);
    }

    @Test
    void L1_hostThatCannotBeReadThrowsAndSaysWhatToDo() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000");
        HostSnapshot first = scanner.scan(null);
        Files.move(tree.devices(), dir.resolve("away"));
        assertThatThrownBy(() -> scanner.scan(first))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("ENOENT", "bus/pci/devices", "BUSBAR_SYSFS");
        Files.move(dir.resolve("away"), tree.devices());
        assertThat(scanner.scan(first)).isSameAs(first);
    }

    @Test
    void L1_otherCardUnderTheSameInodeIsFoundWhenItsAddressIsSuspect() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000");
        HostSnapshot first = scanner.scan(null);
        tree.attribute("0000:01:00.0", "uevent", Tree.uevent("0000:01:00.0", "1B36:0010", "10802"));
        assertThat(scanner.scan(first)).isSameAs(first);

        scanner.suspect(AddressText.key(PciAddress.parse("0000:01:00.0")));
        HostSnapshot second = scanner.scan(first);
        assertThat(second.functions()).singleElement().isNotSameAs(first.functions().get(0));
        assertThat(second.functions().get(0).ids().deviceText()).isEqualTo("1b36:0010");
    }

    @Test
    void L1_suspicionSurvivesAScanThatFails() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000");
        HostSnapshot first = scanner.scan(null);
        tree.attribute("0000:01:00.0", "uevent", Tree.uevent("0000:01:00.0", "1B36:0010", "10802"));
        scanner.suspect(AddressText.key(PciAddress.parse("0000:01:00.0")));
        Files.move(tree.devices(), dir.resolve("away"));
        assertThatThrownBy(() -> scanner.scan(first)).isInstanceOf(IOException.class);
        Files.move(dir.resolve("away"), tree.devices());
        assertThat(scanner.scan(first)).isNotSameAs(first);
    }

    @Test
    void L3_aLookAtAnAddressFindsWhatCameThereAndNothingElse() throws IOException {
        tree.fill(20);
        HostSnapshot first = scanner.scan(null);
        tree.add("0000:0e:00.0", "1B36:0010", "10802").add("0000:0f:00.0", "8086:10D3", "20000");

        HostSnapshot second = scanner.look(first, PciAddress.parse("0000:0e:00.0"));

        assertThat(second.functions()).hasSize(21).startsWith(first.functions().toArray(HostFunction[]::new));
        assertThat(second.functions().getLast().ids()).isEqualTo(new PciIds(0x1b36, 0x10, 0x1af4, 0x1100, 0x010802));
        HostSnapshot third = scanner.scan(second);
        assertThat(third.functions()).hasSize(22).startsWith(second.functions().toArray(HostFunction[]::new));
    }

    @Test
    void L3_aLookAtAnAddressFindsWhatHasGoneAndNothingElse() throws IOException {
        tree.fill(20);
        HostSnapshot first = scanner.scan(null);
        tree.remove("0000:00:00.0").remove("0000:00:01.0");

        HostSnapshot second = scanner.look(first, PciAddress.parse("0000:00:01.0"));

        assertThat(second.functions()).hasSize(19).contains(first.functions().getFirst());
        assertThat(addresses(scanner.scan(second))).hasSize(18).doesNotContain("0000:00:00.0", "0000:00:01.0");
    }

    @Test
    void L11_aLookThatFindsNothingNewIsTheSameSnapshot() throws IOException {
        tree.fill(20);
        HostSnapshot first = scanner.scan(null);
        for (String address : List.of("0000:00:00.0", "0000:77:00.0")) {
            scanner.suspect(AddressText.key(PciAddress.parse(address)));
            assertThat(scanner.look(first, PciAddress.parse(address))).isSameAs(first);
            assertThat(scanner.look(first, PciAddress.parse(address))).isSameAs(first);
        }
        assertThat(scanner.scan(first)).isSameAs(first);
    }

    @Test
    void L1_aCardThatWasSwappedIsReplacedByALook() throws IOException {
        tree.fill(20);
        HostSnapshot first = scanner.scan(null);
        Files.move(tree.device("0000:00:01.0"), dir.resolve("old"));
        tree.add("0000:00:01.0", "8086:10D3", "20000");

        HostSnapshot second = scanner.look(first, PciAddress.parse("0000:00:01.0"));

        assertThat(addresses(second)).isEqualTo(addresses(first));
        assertThat(second.functions().stream().filter(f -> !first.functions().contains(f))).hasSize(1);
    }

    @Test
    void L1_otherCardUnderTheSameInodeIsFoundByALookAtASuspect() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000").add("0000:02:00.0", "8086:10D3", "20000");
        HostSnapshot first = scanner.scan(null);
        tree.attribute("0000:02:00.0", "uevent", Tree.uevent("0000:02:00.0", "1B36:0010", "10802"));
        scanner.suspect(AddressText.key(PciAddress.parse("0000:02:00.0")));

        HostSnapshot second = scanner.look(first, PciAddress.parse("0000:02:00.0"));

        assertThat(second.functions().getLast()).isNotSameAs(first.functions().getLast());
        assertThat(second.functions().getLast().ids().deviceText()).isEqualTo("1b36:0010");
    }

    /** The listing that the first scan kept is the same bytes again, but the snapshot is another. */
    @Test
    void L1_aDeviceThatALookSawGoAndThatIsBackAsItWasIsFoundByAScan() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000").add("0000:02:00.0", "8086:10D3", "20000");
        HostSnapshot first = scanner.scan(null);
        Files.move(tree.device("0000:02:00.0"), dir.resolve("away"));
        HostSnapshot second = scanner.look(first, PciAddress.parse("0000:02:00.0"));
        assertThat(addresses(second)).containsExactly("0000:01:00.0");
        Files.move(dir.resolve("away"), tree.device("0000:02:00.0"));

        assertThat(addresses(scanner.scan(second))).containsExactly("0000:01:00.0", "0000:02:00.0");
    }

    @Test
    void L1_aLookReportsWhatItCannotReadAndTakesThatBackLater() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000");
        HostSnapshot first = scanner.scan(null);
        tree.add("0000:02:00.0", "8086:10D3", "20000").spoil("0000:02:00.0", "uevent");

        HostSnapshot second = scanner.look(first, PciAddress.parse("0000:02:00.0"));

        assertThat(second.functions()).isEqualTo(first.functions());
        assertThat(second.problems()).extracting(ScanProblem::where).containsExactly("0000:02:00.0");
        tree.remove("0000:02:00.0").add("0000:02:00.0", "8086:10D3", "20000");
        HostSnapshot third = scanner.look(second, PciAddress.parse("0000:02:00.0"));
        assertThat(addresses(third)).containsExactly("0000:01:00.0", "0000:02:00.0");
        assertThat(third.problems()).isEmpty();
        assertThat(scanner.scan(third)).isSameAs(third);
    }

    @Test
    void L1_aLookAtAHostThatCannotBeReadThrowsAndConcludesNothing() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000");
        HostSnapshot first = scanner.scan(null);
        Files.move(tree.devices(), dir.resolve("away"));
        assertThatThrownBy(() -> scanner.look(first, PciAddress.parse("0000:01:00.0")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("BUSBAR_SYSFS");
        Files.move(dir.resolve("away"), tree.devices());
        assertThat(scanner.look(first, PciAddress.parse("0000:01:00.0"))).isSameAs(first);
    }

    /** Cards come, go and are swapped in any order; looks where something happened, and scans now and then. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void L1_looksWhereSomethingHappenedAmountToScans(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        tree.fill(8);
        HostSnapshot snapshot = scanner.scan(null);
        Map<String, String> cards = new TreeMap<>();
        addresses(snapshot).forEach(address -> cards.put(address, "8086:10d3"));
        for (int i = 0; i < 200; i++) {
            String address = "0000:00:00.%d".formatted(random.nextInt(8));
            String ids = "8086:%04x".formatted(random.nextInt(0x1000, 0x2000));
            if (cards.remove(address) != null) {
                tree.remove(address);
            }
            if (random.nextInt(3) > 0) {
                tree.add(address, ids.toUpperCase(Locale.ROOT), "20000");
                cards.put(address, ids);
            }
            PciAddress changed = PciAddress.parse(address);
            scanner.suspect(AddressText.key(changed));
            snapshot = random.nextInt(5) == 0 ? scanner.scan(snapshot) : scanner.look(snapshot, changed);

            Map<String, String> found = new TreeMap<>();
            snapshot.functions().forEach(f -> found.put(f.address().toString(), f.ids().deviceText()));
            assertThat(found).as("after change %d", i).isEqualTo(cards);
            assertThat(snapshot.functions()).isSortedAccordingTo(byAddress());
        }
    }

    @Test
    void readsSingleFilesWhereUeventHasNoIds() throws IOException {
        tree.add("0000:01:00.0", "8086:10D3", "20000")
                .attribute("0000:01:00.0", "uevent", "DRIVER=e1000e\n")
                .attribute("0000:01:00.0", "vendor", "0x8086\n")
                .attribute("0000:01:00.0", "device", "0x10d3\n")
                .attribute("0000:01:00.0", "class", "0x020000\n");
        HostSnapshot snapshot = scanner.scan(null);
        assertThat(snapshot.functions().get(0).ids()).isEqualTo(new PciIds(0x8086, 0x10d3, 0, 0, 0x020000));
        assertThat(snapshot.problems()).isEmpty();
    }

    @Test
    void withoutAPreviousSnapshotEverythingIsNew() throws IOException {
        tree.fill(2);
        HostSnapshot first = scanner.scan(null);
        HostSnapshot second = scanner.scan(null);
        assertThat(second.functions()).hasSize(2).doesNotContainAnyElementsOf(first.functions());
    }

    @Test
    void oneOf4096ComesAndGoes() throws IOException {
        tree.fill(4096);
        HostSnapshot first = scanner.scan(null);
        assertThat(first.functions()).hasSize(4096).isSortedAccordingTo(byAddress());
        tree.add("0001:00:00.0", "1B36:0010", "10802");
        HostSnapshot second = scanner.scan(first);
        assertThat(second.functions()).hasSize(4097).startsWith(first.functions().toArray(HostFunction[]::new));
        tree.remove("0001:00:00.0");
        assertThat(scanner.scan(second).functions()).isEqualTo(first.functions());
    }

    @Test
    void L10_readsTheMachinesOwnBus() throws IOException {
        Sysfs sysfs = new Sysfs(Path.of("/sys"));
        assumeThat(sysfs.devices()).isDirectory();
        DeviceScanner own = new DeviceScanner(
                sysfs, (identity, ids) -> new LinuxFunction(sysfs, f -> Optional.empty(), identity, ids));
        HostSnapshot first = own.scan(null);
        try (Stream<Path> entries = Files.list(sysfs.devices())) {
            assertThat(addresses(first))
                    .containsExactlyElementsOf(entries.map(p -> p.getFileName().toString()).sorted().toList());
        }
        assertThat(own.scan(first)).isSameAs(first);
        for (HostFunction function : first.functions()) {
            assertThat(function.config().read16(0)).isEqualTo(function.ids().vendor());
            assertThat(function.config().read32(8) >>> 8).isEqualTo(function.ids().classCode());
            assertThat(function.bars()).allSatisfy(bar -> assertThat(bar.size()).isPositive());
            assertThat(function.revision()).hasValue(function.config().read8(8));
        }
    }

    private static Comparator<HostFunction> byAddress() {
        return Comparator.comparing(HostFunction::address);
    }

    private static List<String> addresses(HostSnapshot snapshot) {
        return snapshot.functions().stream().map(f -> f.address().toString()).toList();
    }

    @Test
    void L1_nameThatIsNoPathHereIsReportedAndTakesNothingElseAway() throws Exception {
        Path sys = Files.createTempDirectory(Path.of(System.getProperty("java.io.tmpdir")), "names");
        Tree odd = new Tree(sys).add("0000:01:00.0", "8086:10D3", "20000");
        // By the shell: where Java's file names are ASCII, it cannot make this one.
        shell("mkdir \"$(printf '" + odd.devices() + "/caf\\303\\251')\"");
        try {
            HostSnapshot snapshot = odd.scanner().scan(null);
            assertThat(snapshot.functions()).hasSize(1);
            assertThat(snapshot.problems()).singleElement()
                    .satisfies(problem -> assertThat(problem.toString()).contains("/caf\u00e9"));
        } finally {
            shell("rm -r '" + sys + "'");
        }
    }

    @Test
    void L5_attributeThatNobodyAnswersIsNotWaitedFor() throws Exception {
        Tree copy = new Tree(Files.createTempDirectory(Path.of(System.getProperty("java.io.tmpdir")), "fifo"));
        copy.add("0000:01:00.0", "8086:10D3", "20000").add("0000:02:00.0", "8086:10D3", "20000");
        Path uevent = copy.device("0000:01:00.0").resolve("uevent");
        shell("rm '" + uevent + "'; mkfifo '" + uevent + "'");
        try {
            HostSnapshot snapshot = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> copy.scanner().scan(null));
            assertThat(snapshot.functions()).hasSize(1);
            assertThat(snapshot.problems()).hasSize(1);
        } finally {
            shell("rm -r '" + copy.root + "'");
        }
    }

    private static void shell(String command) throws Exception {
        assertThat(new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor()).isZero();
    }
}
