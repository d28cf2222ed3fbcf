package org.busbar.shell.nvme.internal.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlaceTest {

    @TempDir
    Path folder;

    @Test
    void aSocketIsForItsOwnerAlone() throws Exception {
        Path path = folder.resolve("run/nbd/a.sock");
        Place place = new Place.Socket(path);
        try (ServerSocketChannel listener = place.listen()) {
            assertThat(listener.isOpen()).isTrue();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
                    .isEqualTo("rwx------");
            assertThatThrownBy(place::listen).hasMessageContaining("somebody listens at");
        }
        place.remove();
        assertThat(path).doesNotExist();
    }

    @Test
    void aSocketOfTheDeadIsTakenOver() throws Exception {
        Place place = new Place.Socket(folder.resolve("a.sock"));
        place.listen().close(); // the file stays, as after a crash
        assertThat(folder.resolve("a.sock")).exists();

        try (ServerSocketChannel listener = place.listen()) {
            assertThat(listener.isOpen()).isTrue();
        }
    }

    @Test
    void aFileOfSomebodyElseStays() throws Exception {
        Path file = Files.writeString(folder.resolve("precious"), "data");

        assertThatThrownBy(new Place.Socket(file)::listen).hasMessageContaining("is no socket");
        assertThat(file).hasContent("data");
    }

    @Test
    void aPathThatIsTooLongIsSaidToBe() {
        assertThatThrownBy(new Place.Socket(folder.resolve("x".repeat(100)))::listen)
                .hasMessageContaining("at most 107 bytes");
    }

    @Test
    void aPortIsOnThisMachineOnly() throws Exception {
        Place place = new Place.Port(0);
        try (ServerSocketChannel listener = place.listen()) {
            assertThat(((InetSocketAddress) listener.getLocalAddress()).getAddress().isLoopbackAddress()).isTrue();
            assertThat(place.at(listener).uri()).matches("nbd://127.0.0.1:[1-9]\\d*");
        }
    }
}
