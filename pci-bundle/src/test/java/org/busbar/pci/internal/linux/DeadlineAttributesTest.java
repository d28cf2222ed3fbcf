package org.busbar.pci.internal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadlineAttributesTest {

    @TempDir
    Path dir;

    private final DeadlineAttributes attributes = new DeadlineAttributes(Duration.ofSeconds(20));

    private Path fifo() throws Exception {
        Path fifo = dir.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        return fifo;
    }

    @Test
    void L5_attributeThatTheKernelDoesNotLetGoOfIsNotWaitedForWithoutEnd() throws Exception {
        Path fifo = fifo();
        DeadlineAttributes hasty = new DeadlineAttributes(Duration.ofMillis(50));
        assertThatThrownBy(() -> hasty.read(fifo)).isInstanceOf(IOException.class)
                .hasMessageContaining("did not finish reading");
        // Ends the reader that was left behind.
        attributes.write(fifo, "x");
    }

    @Test
    void L10_interruptDoesNotCutAWriteShortAndIsNotLost() throws Exception {
        Path file = Files.writeString(dir.resolve("unbind"), "");
        Thread.currentThread().interrupt();
        attributes.write(file, "0000:01:00.0");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(attributes.read(file)).isEqualTo("0000:01:00.0");
    }

    @Test
    void whatTheKernelSaysReachesTheCaller() {
        assertThatThrownBy(() -> attributes.read(dir.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }
}
