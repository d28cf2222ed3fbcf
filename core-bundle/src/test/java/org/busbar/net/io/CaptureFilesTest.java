package org.busbar.net.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.busbar.net.MacAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureFilesTest {

    private static final MacAddress MAC = MacAddress.parse("52:54:00:12:34:56");

    private Path file;

    @BeforeEach
    @BeforeTry
    void make() throws IOException {
        file = Files.createTempFile("busbar", ".capture");
    }

    @AfterEach
    @AfterTry
    void delete() throws IOException {
        Files.deleteIfExists(file);
    }

    private PcapNgWriter writer() throws IOException {
        return PcapNgWriter.open(file, "test", StandardOpenOption.TRUNCATE_EXISTING);
    }

    private static MemorySegment frame(int bytes, int seed) {
        byte[] frame = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            frame[i] = (byte) (i * 31 + seed);
        }
        return MemorySegment.ofArray(frame);
    }

    private List<CapturedFrame> read() throws IOException {
        List<CapturedFrame> frames = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(file)) {
            for (Optional<CapturedFrame> next = reader.next(); next.isPresent(); next = reader.next()) {
                frames.add(next.get());
            }
        }
        return frames;
    }

    private List<CapturedFrame> read(ByteBuffer content) throws IOException {
        Files.write(file, Arrays.copyOf(content.array(), content.position()));
        return read();
    }

    @Test
    void whatIsWrittenComesBack() throws Exception {
        try (PcapNgWriter writer = writer()) {
            assertThat(writer.addInterface("one", "a card", MAC, 0)).isZero();
            assertThat(writer.addInterface("two", "", null, 64)).isEqualTo(1);
            writer.frame(0, 1_700_000_000_123_456_789L, Direction.INBOUND, frame(60, 1), 60, "");
            writer.frame(1, 1_700_000_000_123_456_790L, Direction.OUTBOUND, frame(61, 2), 1514, "cut");
            writer.frame(0, Long.MAX_VALUE, Direction.UNKNOWN, frame(PcapNg.MOST_FRAME, 3), PcapNg.MOST_FRAME, "");
            writer.frame(1, 0, Direction.UNKNOWN, frame(0, 4), 0, "empty");
            writer.statistics(0, 1, 2, 3, 4);
        }

        List<CapturedFrame> frames = read();

        assertThat(frames).hasSize(4).allMatch(frame -> frame.linkType() == CapturedFrame.ETHERNET);
        assertThat(frames).extracting(CapturedFrame::interfaceNumber).containsExactly(0, 1, 0, 1);
        assertThat(frames)
                .extracting(CapturedFrame::epochNanos)
                .containsExactly(1_700_000_000_123_456_789L, 1_700_000_000_123_456_790L, Long.MAX_VALUE, 0L);
        assertThat(frames)
                .extracting(CapturedFrame::direction)
                .containsExactly(Direction.INBOUND, Direction.OUTBOUND, Direction.UNKNOWN, Direction.UNKNOWN);
        assertThat(frames).extracting(CapturedFrame::isCut).containsExactly(false, true, false, false);
        assertThat(frames.get(1).originalLength()).isEqualTo(1514);
        assertThat(frames.get(2).data().mismatch(frame(PcapNg.MOST_FRAME, 3))).isEqualTo(-1);
    }

    @Test
    void moreThanTheBufferHoldsIsWrittenInWholeBlocks() throws Exception {
        try (PcapNgWriter writer = writer()) {
            writer.addInterface("one", "", MAC, 0);
            for (int i = 0; i < 3000; i++) {
                writer.frame(0, i, Direction.INBOUND, frame(1000 + i % 7, i), 1000 + i % 7, "");
            }
            // Not closed yet: as a crash would leave it.
            assertThat(Files.size(file)).isGreaterThan(1 << 20);
            assertThat(read()).hasSizeGreaterThan(900);
        }
        assertThat(read()).hasSize(3000);
    }

    @Test
    void whatTheWriterCannotWriteItRefuses() throws Exception {
        try (PcapNgWriter writer = writer()) {
            assertThatThrownBy(() -> writer.frame(0, 0, Direction.UNKNOWN, frame(60, 0), 60, ""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("there is no interface 0");
            writer.addInterface("one", "", null, 0);
            assertThatThrownBy(() -> writer.frame(0, 0, Direction.UNKNOWN, frame(60, 0), 59, ""))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.frame(
                    0, 0, Direction.UNKNOWN, frame(PcapNg.MOST_FRAME + 1, 0), PcapNg.MOST_FRAME + 1, ""))
                    .isInstanceOf(IllegalArgumentException.class);
            writer.frame(0, 0, Direction.UNKNOWN, frame(60, 0), 60, "x".repeat(100_000));
        }
        assertThat(read()).hasSize(1);
    }

    private static ByteBuffer pcap(int magic, ByteOrder order, int linkType) {
        return ByteBuffer.allocate(4096)
                .order(order)
                .putInt(magic)
                .putShort((short) 2)
                .putShort((short) 4)
                .putInt(0)
                .putInt(0)
                .putInt(65_535)
                .putInt(linkType);
    }

    @ParameterizedTest
    @CsvSource({
        "a1b2c3d4, true, 5000000006000",
        "a1b2c3d4, false, 5000000006000",
        "a1b23c4d, true, 5000000000006",
        "a1b23c4d, false, 5000000000006"
    })
    void classicPcapIsReadInEveryForm(String magic, boolean big, long nanos) throws Exception {
        ByteBuffer content =
                pcap(Integer.parseUnsignedInt(magic, 16), big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, 1);
        for (int i = 0; i < 2; i++) {
            content.putInt(5000).putInt(6).putInt(14).putInt(60).put(new byte[14]);
        }

        List<CapturedFrame> frames = read(content);

        assertThat(frames).hasSize(2).allSatisfy(frame -> {
            assertThat(frame.epochNanos()).isEqualTo(nanos);
            assertThat(frame.originalLength()).isEqualTo(60);
            assertThat(frame.data().byteSize()).isEqualTo(14);
            assertThat(frame.linkType()).isEqualTo(1);
        });
    }

    private static ByteBuffer section(ByteOrder order) {
        return ByteBuffer.allocate(8192)
                .order(order)
                .putInt(0x0a0d0d0a)
                .putInt(28)
                .putInt(0x1a2b3c4d)
                .putShort((short) 1)
                .putShort((short) 0)
                .putLong(-1)
                .putInt(28);
    }

    private static ByteBuffer interfaceWith(ByteBuffer content, int resolution, long offset) {
        return content.putInt(1)
                .putInt(44)
                .putShort((short) 1)
                .putShort((short) 0)
                .putInt(0)
                .putShort((short) 9)
                .putShort((short) 1)
                .put((byte) resolution)
                .put(new byte[3])
                .putShort((short) 14)
                .putShort((short) 8)
                .putLong(offset)
                .putInt(0)
                .putInt(44);
    }

    private static ByteBuffer enhanced(ByteBuffer content, int interfaceNumber, long time) {
        return content.putInt(6)
                .putInt(36)
                .putInt(interfaceNumber)
                .putInt((int) (time >>> 32))
                .putInt((int) time)
                .putInt(1)
                .putInt(1)
                .put(new byte[] {7, 0, 0, 0})
                .putInt(36);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pcapngOfOthersIsReadInEitherByteOrder(boolean big) throws Exception {
        ByteBuffer content = section(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        enhanced(interfaceWith(content, 3, 10), 0, 5); // milliseconds
        content.putInt(0x0bad).putInt(20).putLong(1).putInt(20); // a block of a kind that nobody knows
        interfaceWith(content, 0x80 | 10, 0); // 1/1024 s
        enhanced(content, 1, 512);
        content.putInt(3).putInt(20).putInt(2).put(new byte[] {8, 9, 0, 0}).putInt(20); // simple packet
        content.putInt(2)
                .putInt(36)
                .putShort((short) 1)
                .putShort((short) 0)
                .putInt(0)
                .putInt(1024)
                .putInt(1)
                .putInt(1)
                .put(new byte[] {9, 0, 0, 0})
                .putInt(36); // packet block of old
        // Another section, in the other byte order, whose interfaces are its own.
        ByteBuffer second = section(big ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        enhanced(interfaceWith(second, 9, 0), 0, 77);
        content.put(second.flip());

        List<CapturedFrame> frames = read(content);

        assertThat(frames)
                .extracting(CapturedFrame::epochNanos)
                .containsExactly(10_005_000_000L, 500_000_000L, 0L, 1_000_000_000L, 77L);
        assertThat(frames)
                .extracting(frame -> frame.data().get(ValueLayout.JAVA_BYTE, 0))
                .containsExactly((byte) 7, (byte) 7, (byte) 8, (byte) 9, (byte) 7);
    }

    private void isRefused(ByteBuffer content, String message) {
        assertThatThrownBy(() -> read(content)).isInstanceOf(CaptureFormatException.class)
                .hasMessageContaining(message);
    }

    @Test
    void hostileFilesAreRefusedWithAReason() {
        ByteOrder order = ByteOrder.LITTLE_ENDIAN;
        isRefused(ByteBuffer.allocate(8), "it is empty");
        isRefused(ByteBuffer.allocate(8).putInt(0x504b0304), "begins with 504b0304");
        isRefused(pcap(0xa1b2c3d4, order, 1).putInt(1).putInt(1).putInt(-1).putInt(60),
                "a frame of 4294967295 bytes at byte 24");
        isRefused(pcap(0xa1b2c3d4, order, 1).putInt(1).putInt(1).putInt(60).putInt(60), "cut short");
        isRefused(pcap(0xa1b2c3d4, order, 1).put((byte) 1), "ends in the middle of a block at byte 24");
        isRefused(section(order).putInt(1).putInt(13).putInt(0), "a block of 13 bytes, at byte 28");
        isRefused(section(order).putInt(1).putInt(0).putInt(0), "a block of 0 bytes, at byte 28");
        isRefused(section(order).putInt(9).putInt(16).putInt(0).putInt(20),
                "its length is 16 at its start and 20 at its end");
        isRefused(section(order).putInt(9).putInt(0x7fff_fff0).putInt(0), "cut short");
        isRefused(enhanced(section(order), 0, 0), "a frame on interface 0 where 0 are known");
        isRefused(enhanced(interfaceWith(section(order), 9, 0), -1, 0), "a frame on interface 4294967295 where 1");
        ByteBuffer large = enhanced(interfaceWith(section(order), 9, 0), 0, 0);
        isRefused(large.putInt(large.position() - 16, 0x4000_0000),
                "a frame of 1073741824 bytes in a block with room for 4");
        ByteBuffer version = section(order);
        isRefused(version.putShort(12, (short) 2), "pcapng of version 2");
        isRefused(section(order).putInt(8, 0x1234), "a section without a byte order");
    }

    @Property(tries = 500)
    void garbageIsReadOrRefusedButNeverMore(
            @ForAll @Size(max = 300) byte[] garbage, @ForAll @IntRange(max = 3) int kind, @ForAll boolean big)
            throws IOException {
        ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        ByteBuffer content =
                switch (kind) {
                    case 0 -> ByteBuffer.allocate(8192);
                    case 1 -> pcap(0xa1b2c3d4, order, 1);
                    case 2 -> section(order);
                    default -> enhanced(interfaceWith(section(order), 6, 0), 0, 0);
                };
        int bound = content.position();
        content.put(garbage);
        if (kind == 3) { // some bytes of what was right are wrong
            for (int i = 0; i + 1 < garbage.length; i += 2) {
                content.put(Byte.toUnsignedInt(garbage[i]) % bound, garbage[i + 1]);
            }
        }
        try {
            assertThat(read(content)).hasSizeLessThan(100);
        } catch (CaptureFormatException e) {
            assertThat(e).hasMessageMatching("(?s)(no capture file|damaged|the capture ends|pcapng of version).*");
        }
    }

    @Test
    void aCopyThatWasCutAnywhereGivesItsWholeFrames() throws Exception {
        try (PcapNgWriter writer = writer()) {
            writer.addInterface("one", "", MAC, 0);
            for (int i = 0; i < 5; i++) {
                writer.frame(0, i, Direction.INBOUND, frame(60, i), 60, "");
            }
        }
        byte[] whole = Files.readAllBytes(file);
        int most = 0;
        for (int length = 1; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            int frames = 0;
            try (CaptureReader reader = CaptureReader.open(file)) {
                while (reader.next().isPresent()) {
                    frames++;
                }
            } catch (CaptureFormatException e) {
                assertThat(e).hasMessageContaining("cut short");
            }
            assertThat(frames).isGreaterThanOrEqualTo(most);
            most = frames;
        }
        assertThat(most).isEqualTo(4);
    }
}
