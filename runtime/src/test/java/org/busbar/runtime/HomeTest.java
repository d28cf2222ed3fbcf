package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {

    @TempDir
    Path folder;

    private Assembly assembly;

    @BeforeEach
    void makeAssembly() throws IOException {
        assembly = new Assembly(folder.resolve("assembly"));
        Files.createDirectories(assembly.conf());
        Files.createDirectories(assembly.drivers());
        Files.writeString(assembly.conf().resolve("a.cfg"), "# a");
        Files.writeString(assembly.drivers().resolve("d.jar"), "d");
    }

    @Test
    void aNewHomeGetsConfigurationAndDrivers() throws Exception {
        try (Home home = Home.open(folder.resolve("home"), assembly)) {
            assertThat(home.conf().resolve("a.cfg")).hasContent("# a");
            assertThat(home.drivers().resolve("d.jar")).hasContent("d");
        }
    }

    @Test
    void whatAHomeHasIsKept() throws Exception {
        Path drivers = Files.createDirectories(folder.resolve("home/drivers"));
        try (Home home = Home.open(folder.resolve("home"), assembly)) {
            assertThat(home.drivers()).isEqualTo(drivers.toRealPath()).isEmptyDirectory();
        }
    }

    @Test
    void whatTheUserHasNotTouchedFollowsTheAssembly() throws Exception {
        Path root = folder.resolve("home");
        Files.writeString(assembly.conf().resolve("b.cfg"), "# b");
        Home.open(root, assembly).close();
        Files.writeString(root.resolve("conf/a.cfg"), "# mine");
        Files.writeString(assembly.conf().resolve("a.cfg"), "# a of the next build");
        Files.writeString(assembly.conf().resolve("b.cfg"), "# b of the next build");
        Files.writeString(assembly.drivers().resolve("e.jar"), "e");

        Home.open(root, assembly).close();

        assertThat(root.resolve("conf/a.cfg")).hasContent("# mine");
        assertThat(root.resolve("conf/b.cfg")).hasContent("# b of the next build");
        assertThat(root.resolve("drivers/e.jar")).as("a driver that is new").hasContent("e");
    }

    @Test
    void driverThatTheUserHasDeletedStaysAway() throws Exception {
        Path root = folder.resolve("home");
        Home.open(root, assembly).close();
        Files.delete(root.resolve("drivers/d.jar"));
        Files.writeString(assembly.drivers().resolve("d.jar"), "d of the next build");

        Home.open(root, assembly).close();

        assertThat(root.resolve("drivers")).isEmptyDirectory();
    }

    @Test
    void aStartThatWasKilledHalfWayLeavesNothingHalfFull() throws Exception {
        Path root = folder.resolve("home");
        // As it looks when the power fails between the first file and the second.
        Files.createDirectories(root.resolve("drivers.new"));
        Files.writeString(root.resolve("drivers.new/d.jar"), "");
        Files.createDirectories(root.resolve(".shipped/drivers"));
        Files.writeString(root.resolve(".shipped/drivers/d.jar"), "of an older build");

        Home.open(root, assembly).close();

        assertThat(root.resolve("drivers.new")).doesNotExist();
        assertThat(root.resolve("drivers/d.jar")).hasContent("d");
        assertThat(root.resolve(".shipped/drivers/d.jar")).hasContent("d");
    }

    @Test
    void aHomeThatIsTheAssemblyIsLeftAsItIs() throws Exception {
        Home.open(assembly.root(), assembly).close();
        assertThat(assembly.root().resolve(".shipped")).doesNotExist();
        assertThat(assembly.drivers().resolve("d.jar")).hasContent("d");
    }

    @Test
    void aHomeIsUsedByOneAtATime() throws Exception {
        Path root = folder.resolve("home");
        try (Home first = Home.open(root, assembly)) {
            assertThatThrownBy(() -> Home.open(root, assembly))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("another Busbar is running in " + first.root())
                    .hasMessageContaining("--home");
        }
        Home.open(root, assembly).close();
    }

    @Test
    void aTemporaryHomeHasNoDriversAndIsDeleted() throws Exception {
        Path root;
        try (Home home = Home.temporary(assembly)) {
            root = home.root();
            assertThat(home.drivers()).isEmptyDirectory();
            Files.createDirectories(home.cache().resolve("bundle0"));
        }
        assertThat(root).doesNotExist();
    }

    @Test
    void aFileIsNoHome() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> Home.open(file, assembly))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(file.toString());
    }
}
