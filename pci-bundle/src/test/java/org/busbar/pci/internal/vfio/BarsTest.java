package org.busbar.pci.internal.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.Bar;
import org.busbar.pci.internal.vfio.PatchworkBar.Patch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The three kinds of registers, on plain memory. */
class BarsTest {

    private static final int SIZE = 0x3000;
    private static final long POSITION = 1L << 40;

    /** A kind of registers, with the memory behind it. */
    record Kind(String name, Bar bar, MemorySegment memory, Revocation revocation, Arena arena) {
        @Override
        public String toString() {
            return name;
        }

        void revoke() {
            revocation.revoke();
            Arenas.close(arena, Deadline.afterMillis(1000));
        }
    }

    /** The device's file, with the region's memory at {@link #POSITION}. */
    private record File(MemorySegment memory) implements RegionAccess {
        @Override
        public long read(long position, int width) {
            long value = 0;
            for (int i = width - 1; i >= 0; i--) {
                value = value << 8 | (memory.get(ValueLayout.JAVA_BYTE, position - POSITION + i) & 0xff);
            }
            return value;
        }

        @Override
        public void write(long position, int width, long value) {
            for (int i = 0; i < width; i++) {
                memory.set(ValueLayout.JAVA_BYTE, position - POSITION + i, (byte) (value >>> (8 * i)));
            }
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of("mapped", "file", "patchwork").map(BarsTest::kind);
    }

    private static Kind kind(String name) {
        Arena arena = Arena.ofShared();
        MemorySegment memory = arena.allocate(SIZE, 4096);
        Revocation revocation = new Revocation("0000:02:00.0");
        Bar mapped = new MappedBar(memory, revocation);
        Bar file = new RegionBar(new File(memory), POSITION, SIZE, revocation);
        Bar patchwork = new PatchworkBar(
                List.of(
                        new Patch(0, new MappedBar(memory.asSlice(0, 0x1000), revocation)),
                        new Patch(0x2000, new MappedBar(memory.asSlice(0x2000, 0x1000), revocation))),
                file);
        Bar bar = switch (name) {
            case "mapped" -> mapped;
            case "file" -> file;
            default -> patchwork;
        };
        return new Kind(name, bar, memory, revocation, arena);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyWidthEverywhere(Kind kind) {
        Bar bar = kind.bar();
        assertThat(bar.size()).isEqualTo(SIZE);
        for (long at : new long[] {0, 8, 0xff8, 0x1000, 0x1ff8, 0x2000, SIZE - 8}) {
            bar.write64(at, 0x8877665544332211L);
            assertThat(bar.read64(at)).isEqualTo(0x8877665544332211L);
            assertThat(bar.read32(at)).isEqualTo(0x44332211);
            assertThat(bar.read32(at + 4)).isEqualTo(0x88776655);
            assertThat(bar.read16(at + 6)).isEqualTo(0x8877);
            assertThat(bar.read8(at + 7)).isEqualTo(0x88);
            bar.write8(at, 0xfe);
            bar.write16(at + 2, 0xfedc);
            bar.write32(at + 4, 0xfedcba98);
            assertThat(bar.read64(at)).isEqualTo(0xfedcba98fedc22feL);
            assertThat(kind.memory().get(ValueLayout.JAVA_LONG, at)).isEqualTo(0xfedcba98fedc22feL);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void outsideThrows(Kind kind) {
        Bar bar = kind.bar();
        assertThatThrownBy(() -> bar.read8(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> bar.read8(SIZE)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> bar.read64(SIZE)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> bar.write32(Long.MAX_VALUE - 3, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> bar.write16(Long.MIN_VALUE, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void unalignedThrows(Kind kind) {
        Bar bar = kind.bar();
        assertThatThrownBy(() -> bar.read16(1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bar.read32(0x1002)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bar.read64(0x2004)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bar.write64(4, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void L6_revokedMeansGone(Kind kind) {
        kind.revoke();
        Bar bar = kind.bar();
        for (long at : new long[] {0, 0x1000, 0x2000}) {
            assertThatThrownBy(() -> bar.read8(at)).isInstanceOf(DeviceGoneException.class);
            assertThatThrownBy(() -> bar.read16(at)).isInstanceOf(DeviceGoneException.class);
            assertThatThrownBy(() -> bar.read32(at)).isInstanceOf(DeviceGoneException.class);
            assertThatThrownBy(() -> bar.read64(at)).isInstanceOf(DeviceGoneException.class);
            assertThatThrownBy(() -> bar.write8(at, 0)).isInstanceOf(DeviceGoneException.class);
            assertThatThrownBy(() -> bar.write16(at, 0)).isInstanceOf(DeviceGoneException.class);
            assertThatThrownBy(() -> bar.write32(at, 0)).isInstanceOf(DeviceGoneException.class);
            assertThatThrownBy(() -> bar.write64(at, 0))
                    .isInstanceOf(DeviceGoneException.class)
                    .hasMessageContaining("0000:02:00.0 is gone or was taken away");
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void L6_revokedWhileAnotherThreadReads(Kind kind) throws InterruptedException {
        if (kind.name().equals("mapped")) {
            assertThat(endOfReaderAfterRevocation(kind)).isInstanceOf(DeviceGoneException.class);
        } else {
            // Reads of the file are plain memory accesses here and not guarded by a lock as the device's are.
            kind.revocation().revoke();
            assertThatThrownBy(() -> kind.bar().read32(0x1000)).isInstanceOf(DeviceGoneException.class);
        }
    }

    private static Throwable endOfReaderAfterRevocation(Kind kind) throws InterruptedException {
        AtomicReference<Throwable> end = new AtomicReference<>(new AssertionError("still reading"));
        CountDownLatch reading = new CountDownLatch(1);
        Thread reader = Thread.ofPlatform().start(() -> {
            try {
                for (long i = 0;; i++) {
                    kind.bar().read32(0);
                    if (i == 100_000) {
                        reading.countDown();
                    }
                }
            } catch (RuntimeException | Error e) {
                end.set(e);
            }
        });
        assertThat(reading.await(30, TimeUnit.SECONDS)).isTrue();
        kind.revoke();
        reader.join(30_000);
        return end.get();
    }

    @Test
    void onlyWhollyMappedRegistersSaySo() {
        assertThat(kinds().map(kind -> kind.bar().isMapped())).containsExactly(true, false, false);
    }

    @Test
    void failedSystemCallMeansGone() {
        Revocation revocation = new Revocation("0000:02:00.0");
        RegionAccess broken = new RegionAccess() {
            @Override
            public long read(long position, int width) throws IOException {
                throw new IOException("EIO");
            }

            @Override
            public void write(long position, int width, long value) throws IOException {
                throw new IOException("EIO");
            }
        };
        Bar bar = new RegionBar(broken, 0, SIZE, revocation);
        assertThatThrownBy(() -> bar.read32(0))
                .isInstanceOf(DeviceGoneException.class)
                .hasMessage("0000:02:00.0 does not answer")
                .hasRootCauseMessage("EIO");
        VfioConfigSpace config = new VfioConfigSpace(broken, 0, 256, revocation);
        assertThatThrownBy(() -> config.write16(4, 0)).isInstanceOf(DeviceGoneException.class);
    }
}
