package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockMetadata;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.busbar.block.BlockVector;
import org.busbar.block.ProtectionOptions;
import org.busbar.block.RequestOptions;
import org.busbar.block.io.ProtectionInformation;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Card;
import org.busbar.emulator.NvmeFault;
import org.busbar.emulator.NvmeNamespace;
import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Namespaces whose blocks carry metadata, with and without protection information. */
class MetadataTest {

    private static final int BLOCKS = 4096;
    private static final RequestOptions UNCHECKED = RequestOptions.NONE.with(ProtectionOptions.UNCHECKED);
    private static final RequestOptions PASSED = RequestOptions.NONE.with(ProtectionOptions.PASSED);

    private static Deadline soon() {
        return Deadline.after(Duration.ofSeconds(20));
    }

    private static TestSlot bound(int metadata, boolean inline, int protection) throws Exception {
        NvmeNamespace namespace = NvmeNamespace.of(BLOCKS, 512).with(metadata, inline, protection);
        TestSlot slot =
                new TestSlot(1, new NvmeModel(new Card.Nvme("META", List.of(namespace), NvmeOptions.DEFAULT)));
        slot.probe(Ssd.driver(30_000));
        return slot;
    }

    private static byte[] random(int bytes, long seed) {
        byte[] data = new byte[bytes];
        new Random(seed).nextBytes(data);
        return data;
    }

    static Stream<Arguments> formats() {
        return Stream.of(false, true)
                .flatMap(inline -> Stream.of(
                        Arguments.of(8, inline, 0),
                        Arguments.of(16, inline, 0),
                        Arguments.of(64, inline, 0),
                        Arguments.of(8, inline, 1),
                        Arguments.of(8, inline, 2),
                        Arguments.of(8, inline, 3),
                        Arguments.of(16, inline, 1),
                        Arguments.of(64, inline, 3)));
    }

    static Stream<Arguments> protectedFormats() {
        return formats().filter(format -> (int) format.get()[2] > 0);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void dataIsReadAsItWasWrittenWhateverTheBlocksCarryBesides(int bytes, boolean inline, int protection)
            throws Exception {
        try (TestSlot slot = bound(bytes, inline, protection)) {
            BlockDevice device = Ssd.device(slot);
            assertThat(device.features().metadata())
                    .isEqualTo(new BlockMetadata(bytes, inline, protection,
                            device.features().metadata().protectionFirst()));
            byte[] data = random(512 * 700, bytes);
            device.write(5, ByteBuffer.wrap(data), soon());
            ByteBuffer back = ByteBuffer.allocate(data.length);
            device.read(5, back, soon());
            assertThat(back.array()).isEqualTo(data);
            device.verify(5, 700, RequestOptions.NONE, soon());
            assertThat(slot.iommuFaults()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void metadataGoesBothWaysWhetherItIsApartOrInline(int bytes, boolean inline, int protection) throws Exception {
        try (TestSlot slot = bound(bytes, inline, protection)) {
            BlockDevice device = Ssd.device(slot);
            byte[] data = random(512 * 500, 1);
            byte[] metadata = random(bytes * 500, 2);
            device.write(9, ByteBuffer.wrap(data), ByteBuffer.wrap(metadata), UNCHECKED, soon());
            ByteBuffer dataBack = ByteBuffer.allocate(data.length);
            ByteBuffer metadataBack = ByteBuffer.allocate(metadata.length);
            device.read(9, dataBack, metadataBack, UNCHECKED, soon());
            assertThat(dataBack.array()).isEqualTo(data);
            assertThat(metadataBack.array()).isEqualTo(metadata);
            assertThat(metadataBack.hasRemaining()).isFalse();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @ParameterizedTest
    @MethodSource("protectedFormats")
    void theDeviceChecksWhatTheApplicationHasMadeAndTheApplicationWhatTheDeviceHasMade(
            int bytes, boolean inline, int protection) throws Exception {
        try (TestSlot slot = bound(bytes, inline, protection)) {
            BlockDevice device = Ssd.device(slot);
            ProtectionInformation made = new ProtectionInformation(512, device.features().metadata());
            byte[] data = random(512 * 300, 3);
            ByteBuffer metadata = ByteBuffer.allocate(bytes * 300);
            made.fill(20, ByteBuffer.wrap(data), metadata, 0x1234);
            device.write(20, ByteBuffer.wrap(data), metadata, PASSED, soon());
            device.verify(20, 300, RequestOptions.NONE, soon());

            device.write(400, ByteBuffer.wrap(data), soon()); // the device makes it
            ByteBuffer dataBack = ByteBuffer.allocate(data.length);
            ByteBuffer metadataBack = ByteBuffer.allocate(bytes * 300);
            device.read(400, dataBack, metadataBack, PASSED, soon());
            made.check(400, dataBack.flip(), metadataBack.flip());
            assertThat(slot.iommuFaults()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @ParameterizedTest
    @MethodSource("protectedFormats")
    void damageIsFoundWhenItIsWrittenAndWhenItIsRead(int bytes, boolean inline, int protection) throws Exception {
        try (TestSlot slot = bound(bytes, inline, protection)) {
            BlockDevice device = Ssd.device(slot);
            ProtectionInformation made = new ProtectionInformation(512, device.features().metadata());
            byte[] data = random(512, 4);
            ByteBuffer metadata = ByteBuffer.allocate(bytes);
            made.fill(7, ByteBuffer.wrap(data), metadata, 0);
            data[100] ^= 1;
            assertThatExceptionOfType(BlockIOException.class)
                    .isThrownBy(() -> device.write(7, ByteBuffer.wrap(data), metadata.duplicate(), PASSED, soon()))
                    .satisfies(e -> assertThat(e.status()).isEqualTo(BlockStatus.PROTECTION_FAILED))
                    .satisfies(e -> assertThat(e.deviceStatus()).isEqualTo(0x282))
                    .withMessageContaining("SCT 2, SC 0x82");
            device.write(7, ByteBuffer.wrap(data), metadata, UNCHECKED, soon());
            assertThatExceptionOfType(BlockIOException.class)
                    .isThrownBy(() -> device.read(7, ByteBuffer.allocate(512), soon()))
                    .satisfies(e -> assertThat(e.status()).isEqualTo(BlockStatus.PROTECTION_FAILED));
            assertThatExceptionOfType(BlockIOException.class)
                    .isThrownBy(() -> device.verify(7, 1, RequestOptions.NONE, soon()))
                    .satisfies(e -> assertThat(e.status()).isEqualTo(BlockStatus.PROTECTION_FAILED));
            ByteBuffer back = ByteBuffer.allocate(512);
            device.read(7, back, ByteBuffer.allocate(bytes), UNCHECKED, soon());
            assertThat(back.array()).isEqualTo(data);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @ParameterizedTest
    @MethodSource("protectedFormats")
    void dataThatRotsOnTheMediumIsNotDelivered(int bytes, boolean inline, int protection) throws Exception {
        try (TestSlot slot = bound(bytes, inline, protection)) {
            BlockDevice device = Ssd.device(slot);
            slot.faults(new NvmeFault.SilentCorruption(1));
            device.write(3, ByteBuffer.wrap(random(1024, 9)), soon());
            assertThatExceptionOfType(BlockIOException.class)
                    .isThrownBy(() -> device.read(3, ByteBuffer.allocate(1024), soon()))
                    .satisfies(e -> assertThat(e.status()).isEqualTo(BlockStatus.PROTECTION_FAILED));
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void theApplicationTagIsWrittenByTheDeviceAndComparedUnderItsMask() throws Exception {
        try (TestSlot slot = bound(8, false, 1)) {
            BlockDevice device = Ssd.device(slot);
            RequestOptions tagged = RequestOptions.NONE.with(
                    new ProtectionOptions(true, true, true, true, 0x12ab, 0xff00));
            RequestOptions other = RequestOptions.NONE.with(
                    new ProtectionOptions(true, true, true, true, 0x13ab, 0xff00));
            device.write(1, ByteBuffer.allocate(512), tagged, soon());
            device.read(1, ByteBuffer.allocate(512), tagged, soon());
            assertThatExceptionOfType(BlockIOException.class)
                    .isThrownBy(() -> device.read(1, ByteBuffer.allocate(512), other, soon()))
                    .satisfies(e -> assertThat(e.deviceStatus()).isEqualTo(0x283));
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aQueueMovesMetadataInABufferOfItsOwn() throws Exception {
        try (TestSlot slot = bound(16, false, 0)) {
            try (BlockQueue queue = Ssd.queue(slot, 4)) {
                MemorySegment data = queue.allocate(8192);
                MemorySegment metadata = queue.allocate(4096);
                byte[] content = random(8 * 512, 5);
                byte[] extra = random(8 * 16, 6);
                MemorySegment.copy(content, 0, data, ValueLayout.JAVA_BYTE, 0, content.length);
                MemorySegment.copy(extra, 0, metadata, ValueLayout.JAVA_BYTE, 64, extra.length);
                BlockVector vector = queue.newVector(2).add(data, 0, 4096).metadata(metadata, 64);
                Tally tally = new Tally();
                queue.write(3, 8, vector, RequestOptions.NONE, 1);
                queue.submit();
                tally.drain(queue);
                vector.clear().add(data, 4096, 4096).metadata(metadata, 512);
                queue.read(3, 8, vector, RequestOptions.NONE, 2);
                queue.submit();
                assertThat(tally.drain(queue).count(BlockStatus.OK)).isEqualTo(2);
                assertThat(data.asSlice(4096, 4096).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(content);
                assertThat(metadata.asSlice(512, 128).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(extra);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> queue.read(3, 8, data, 0, 3))
                        .withMessageContaining("16 bytes of metadata");
            }
            assertThat(slot.iommuFaults()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aQueueMovesBlocksWithTheirMetadataInline() throws Exception {
        try (TestSlot slot = bound(8, true, 1)) {
            try (BlockQueue queue = Ssd.queue(slot, 4)) {
                MemorySegment buffer = queue.allocate(8192);
                Tally tally = new Tally();
                queue.write(3, 8, buffer, 0, 1); // stripped: 512 bytes per block
                queue.submit();
                tally.drain(queue);
                queue.read(3, 8, buffer, 0, PASSED, 2); // with 8 bytes after each
                queue.submit();
                assertThat(tally.drain(queue).count(BlockStatus.OK)).isEqualTo(2);
                for (int block = 0; block < 8; block++) {
                    int reference = Integer.reverseBytes(buffer.get(ValueLayout.JAVA_INT, block * 520L + 516));
                    assertThat(reference).isEqualTo(3 + block);
                }
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aCopyTakesManyRangesAndCarriesEachBlocksData(int bytes, boolean inline, int protection) throws Exception {
        try (TestSlot slot = bound(bytes, inline, protection)) {
            BlockDevice device = Ssd.device(slot);
            byte[] data = random(512 * 1000, 8);
            device.write(0, ByteBuffer.wrap(data), soon());
            device.copy(
                    List.of(new BlockRange(900, 100), new BlockRange(0, 600)), 2000, RequestOptions.NONE, soon());
            ByteBuffer back = ByteBuffer.allocate(700 * 512);
            device.read(2000, back, soon());
            assertThat(ByteBuffer.wrap(back.array(), 0, 100 * 512)).isEqualTo(ByteBuffer.wrap(data, 900 * 512, 51200));
            assertThat(ByteBuffer.wrap(back.array(), 51200, 600 * 512))
                    .isEqualTo(ByteBuffer.wrap(data, 0, 600 * 512));
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void whatTheControllerDoesNotSupportIsNamed() throws Exception {
        NvmeOptions poor = NvmeOptions.DEFAULT.lacking(
                NvmeOptions.Feature.COMPARE,
                NvmeOptions.Feature.ZEROES,
                NvmeOptions.Feature.DEALLOCATE,
                NvmeOptions.Feature.VERIFY,
                NvmeOptions.Feature.COPY,
                NvmeOptions.Feature.SGL,
                NvmeOptions.Feature.SHADOW);
        Card.Nvme card = new Card.Nvme("POOR", List.of(NvmeNamespace.of(BLOCKS, 512)), poor);
        try (TestSlot slot = new TestSlot(1, new NvmeModel(card))) {
            slot.probe(Ssd.driver(30_000));
            BlockDevice device = Ssd.device(slot);
            RequestOptions none = RequestOptions.NONE;
            requireUnsupported("compare", () -> device.compare(0, ByteBuffer.allocate(512), none, soon()));
            requireUnsupported("write zeroes", () -> device.writeZeroes(0, 1, none, soon()));
            requireUnsupported("deallocate", () -> device.deallocate(List.of(new BlockRange(0, 1)), soon()));
            requireUnsupported("verify", () -> device.verify(0, 1, none, soon()));
            requireUnsupported("copy", () -> device.copy(List.of(new BlockRange(0, 1)), 9, none, soon()));
            requireUnsupported(
                    "metadata", () -> device.read(0, ByteBuffer.allocate(512), ByteBuffer.allocate(8), none, soon()));
            try (BlockQueue queue = device.openQueue(2)) {
                MemorySegment buffer = queue.allocate(8192);
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> queue.compare(0, 1, buffer, 0, none, 1))
                        .withMessageContaining("compare");
                BlockVector vector = queue.newVector(2).add(buffer, 0, 512).add(buffer, 1024, 512);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> queue.read(0, 2, vector, none, 1))
                        .withMessageContaining("no SGLs");
                assertThat(queue.inFlight()).isZero();
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    private interface Request {
        void run() throws Exception;
    }

    private static void requireUnsupported(String what, Request request) {
        assertThatExceptionOfType(BlockIOException.class)
                .isThrownBy(request::run)
                .withMessageContaining("does not support: " + what)
                .satisfies(e -> assertThat(e.status()).isEqualTo(BlockStatus.NOT_SUPPORTED));
    }
}
