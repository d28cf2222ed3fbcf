package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole runtime is killed (SIGKILL) while an application writes and flushes, and started again: everything is there that a
 * flush has acknowledged. More rounds by hand: {@code -Dbusbar.kill.rounds=50}.
 */
class KillIT {

    private static final int ROUNDS = Integer.getInteger("busbar.kill.rounds", 2);
    private static final Pattern CHECKED = Pattern.compile("checked (\\d+) places, (\\d+) wrong");

    @TempDir
    Path folder;

    private final List<BusbarProcess> processes = new ArrayList<>();
    private final Random random = new Random(ROUNDS);
    private Path home;

    /** A home with the assembly's drivers. */
    @BeforeEach
    void prepare() throws IOException {
        home = folder.resolve("home");
        Path drivers = Files.createDirectories(home.resolve("drivers"));
        Path assembly = Path.of(System.getProperty("busbar.assembly"), "drivers");
        try (Stream<Path> jars = Files.list(assembly)) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, drivers.resolve(jar.getFileName()));
            }
        }
    }

    /** The application, which is started by itself whenever Busbar is. */
    private void application(String device) throws IOException {
        new SmallBundle(
                FlushJournal.IMPORTS,
                Optional.of(FlushJournal.class),
                Map.of(FlushJournal.FOLDER, folder.toString(), FlushJournal.DEVICE, device)).write(
                        home.resolve("drivers/flush-journal.jar"));
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(BusbarProcess::destroy);
    }

    private BusbarProcess start(String... arguments) throws IOException {
        BusbarProcess started = BusbarProcess.start(folder, arguments);
        processes.add(started);
        return started;
    }

    @Test
    void whatAFlushHasAcknowledgedIsThereAfterTheRuntimeWasKilled() throws Exception {
        application("(&(objectClass=org.busbar.volume.Volume)(block.serial=KILLED))");
        killAgainAndAgain(
                "rack:insert 7 nvme:size=8M,block=512,serial=KILLED,file=" + folder.resolve("ssd") + "\n", true);
    }

    @Test
    void whatAFlushHasAcknowledgedIsThereOnAServersSsdAfterTheClientWasKilled() throws Exception {
        Path endpoints = Files.createDirectory(folder.resolve("endpoints"));
        Files.writeString(
                Files.createDirectories(home.resolve("conf")).resolve("org.busbar.pci.vfiouser.cfg"),
                "directories = " + endpoints + "\n");
        start("--home", folder.resolve("server").toString(), "batch", "-")
                .type("rack:serve 1 " + endpoints + "/ssd\n")
                .untilItSays("slot 1: served at ");
        application("(objectClass=org.busbar.block.BlockDevice)");
        killAgainAndAgain("", false);
    }

    private void killAgainAndAgain(String commands, boolean emulator) throws Exception {
        Path report = folder.resolve("report");
        long checked = 0;
        for (int round = 0; round <= ROUNDS; round++) {
            Files.deleteIfExists(report);
            BusbarProcess busbar = emulator
                    ? start("--home", home.toString(), "batch", "-")
                    : start("--home", home.toString(), "--no-emulator", "batch", "-");
            busbar.type(commands).untilFileHas(report, " wrong\n");
            MatchResult found = checked(report);
            assertThat(found.group(2)).as("wrong of " + found.group()).isEqualTo("0");
            checked = Long.parseLong(found.group(1));
            assertThat(checked > 0).as("whether there was something to check in round " + round).isEqualTo(round > 0);
            busbar.untilFileHas(report, "flushed " + 25 * (1 + random.nextInt(8)) + " times\n");
            busbar.kill();
            assertThat(Files.readString(report)).doesNotContain("failed");
        }
        System.out.printf("%d kills, %d places of 4 KiB checked after the last but one%n", ROUNDS + 1, checked);
    }

    private static MatchResult checked(Path report) throws IOException {
        return CHECKED.matcher(Files.readString(report)).results().findFirst().orElseThrow();
    }
}
