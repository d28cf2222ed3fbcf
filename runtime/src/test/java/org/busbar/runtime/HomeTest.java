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
