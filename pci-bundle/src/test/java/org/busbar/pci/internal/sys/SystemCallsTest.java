package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemCallsTest {

    @TempDir
    Path dir;

    @Test
    void readsAndWritesAFile() throws Exception {
        Path file = Files.writeString(dir.resolve("f"), "0123456789");
        try (Fd fd = FileCalls.open(file.toString(), FileCalls.O_RDWR);
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4);
            assertThat(FileCalls.read(fd.number(), buffer)).isEqualTo(4);
            assertThat(text(buffer)).isEqualTo("0123");
            assertThat(FileCalls.pread(fd.number(), buffer, 8)).isEqualTo(2);
            assertThat(text(buffer)).isEqualTo("8923");
            assertThat(FileCalls.pwrite(fd.number(), buffer, 0)).isEqualTo(4);
            assertThat(FileCalls.write(fd.number(), buffer)).isEqualTo(4);
        }
        assertThat(file).hasContent("8923892389");
    }

    @Test
    void failureNamesCallErrnoAndArgument() {
        ErrnoException e = catchThrowableOfType(
                ErrnoException.class, () -> FileCalls.open(dir.resolve("nothing").toString(), FileCalls.O_RDONLY));
        assertThat(e.errno()).isEqualTo(Errno.ENOENT);
        assertThat(e.call()).isEqualTo("open");
        assertThat(e).hasMessageContaining("nothing").hasMessageContaining("ENOENT");
        assertThat(e.isPermission()).isFalse();
    }

    @Test
    void descriptorIsClosedOnce() throws Exception {
        Fd fd = FileCalls.open(dir.toString(), FileCalls.O_RDONLY);
        int number = fd.number();
        fd.close();
        fd.close();
        assertThat(fd.isOpen()).isFalse();
        assertThatThrownBy(fd::number).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        assertThat(FileCalls.close(number)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void ioctlFailsTyped() throws Exception {
        try (Fd fd = FileCalls.open(dir.toString(), FileCalls.O_RDONLY)) {
            assertThatThrownBy(() -> IoctlCalls.ioctl(fd, 0x3b64, 0, "VFIO_GET_API_VERSION"))
                    .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOTTY))
                    .hasMessageContaining("VFIO_GET_API_VERSION");
        }
    }

    @Test
    void mapsMemoryUntilTheArenaCloses() throws Exception {
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            memory = MemoryCalls.map(
                    arena,
                    MemoryCalls.pageSize(),
                    MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE,
                    MemoryCalls.MAP_PRIVATE | MemoryCalls.MAP_ANONYMOUS,
                    -1,
                    0,
                    "test");
            memory.set(JAVA_LONG, 8, 42);
            assertThat(memory.get(JAVA_LONG, 8)).isEqualTo(42);
        }
        assertThatThrownBy(() -> memory.get(JAVA_LONG, 8)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> MemoryCalls.map(
                Arena.global(),
                0,
                0,
                MemoryCalls.MAP_PRIVATE | MemoryCalls.MAP_ANONYMOUS,
                -1,
                0,
                "nothing"))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("mmap(nothing, 0 bytes) failed: EINVAL");
    }

    @Test
    void knowsTheLimitOfLockedMemory() throws Exception {
        assertThat(MemoryCalls.lockableBytes()).isGreaterThanOrEqualTo(-1);
        assertThat(MemoryCalls.pageSize()).isGreaterThanOrEqualTo(4096);
    }

    @Test
    void eventWakesUpPoll() throws Exception {
        try (Fd event = EventCalls.eventfd("test");
                Arena arena = Arena.ofConfined()) {
            MemorySegment fds = arena.allocate(EventCalls.POLLFD);
            EventCalls.setPoll(fds, 0, event.number(), EventCalls.POLLIN);
            assertThat(EventCalls.poll(fds, 0)).isZero();
            EventCalls.signal(event);
            EventCalls.signal(event);
            assertThat(EventCalls.poll(fds, -1)).isEqualTo(1);
            assertThat(EventCalls.polled(fds, 0)).isEqualTo(EventCalls.POLLIN);
            MemorySegment scratch = arena.allocate(JAVA_LONG);
            assertThat(EventCalls.drain(event.number(), scratch)).isEqualTo(2);
            assertThat(EventCalls.drain(event.number(), scratch)).isZero();
        }
    }

    @Test
    void pollfdHasTheKernelsSize() {
        assertThat(EventCalls.POLLFD.byteSize()).isEqualTo(8);
    }

    private static String text(MemorySegment segment) {
        return new String(segment.toArray(JAVA_BYTE), StandardCharsets.US_ASCII);
    }
}
