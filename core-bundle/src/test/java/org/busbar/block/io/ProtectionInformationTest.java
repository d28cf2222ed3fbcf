package org.busbar.block.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockMetadata;
import org.busbar.block.BlockStatus;
import org.junit.jupiter.api.Test;

class ProtectionInformationTest {

    private static final int BLOCK = 512;

    @Test
    void theCrcIsT10s() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertThat(ProtectionInformation.crc(0, ByteBuffer.wrap(digits), 0, 9)).isEqualTo(0xd0db);
    }

    @Property(tries = 200)
    void theCrcOfPiecesIsTheCrcOfTheWhole(
            @ForAll @Size(max = 100) byte[] bytes, @ForAll @IntRange(max = 100) int cut) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int at = Math.min(cut, bytes.length);
        int first = ProtectionInformation.crc(0, buffer, 0, at);
        assertThat(ProtectionInformation.crc(first, buffer, at, bytes.length - at)).isEqualTo(bitwise(bytes));
    }

    private static int bitwise(byte[] bytes) {
        int crc = 0;
        for (byte b : bytes) {
            for (int bit = 7; bit >= 0; bit--) {
                boolean carry = (crc >>> 15 & 1) != (b >>> bit & 1);
                crc = (crc << 1 ^ (carry ? 0x8bb7 : 0)) & 0xffff;
            }
        }
        return crc;
    }

    @Property(tries = 200)
    void aBitThatFlipsAnywhereIsFound(
            @ForAll @IntRange(min = 1, max = 2) int type,
            @ForAll boolean first,
            @ForAll boolean large,
            @ForAll @IntRange(max = 8 * 2 * BLOCK - 1) int bit) throws BlockIOException {
        BlockMetadata kept = new BlockMetadata(large ? 16 : 8, false, type, first);
        ProtectionInformation protection = new ProtectionInformation(BLOCK, kept);
        ByteBuffer data = ByteBuffer.allocate(2 * BLOCK);
        ByteBuffer metadata = ByteBuffer.allocate(2 * kept.bytes());
        protection.fill(7, data, metadata, 0x1234);
        protection.check(7, data, metadata);
        data.put(bit / 8, (byte) (1 << bit % 8));
        assertThatExceptionOfType(BlockIOException.class)
                .isThrownBy(() -> protection.check(7, data, metadata))
                .withMessageContaining("block " + (7 + bit / 8 / BLOCK) + ": the guard")
                .satisfies(e -> assertThat(e.status()).isEqualTo(BlockStatus.PROTECTION_FAILED));
    }

    @Test
    void aBlockThatIsAnothersIsFoundByItsReferenceTagUnlessTheTypeHasNone() throws BlockIOException {
        ByteBuffer data = ByteBuffer.allocate(BLOCK);
        ByteBuffer metadata = ByteBuffer.allocate(8);
        ProtectionInformation one = new ProtectionInformation(BLOCK, new BlockMetadata(8, false, 1, false));
        one.fill(7, data, metadata, 0);
        assertThatExceptionOfType(BlockIOException.class)
                .isThrownBy(() -> one.check(8, data, metadata))
                .withMessageContaining("reference tag is 0x7, not 0x8");
        new ProtectionInformation(BLOCK, new BlockMetadata(8, false, 3, false)).check(8, data, metadata);
        one.fill(7, data, metadata, 0xffff);
        one.check(8, data, metadata); // not to be checked
    }

    @Test
    void metadataBeforeTheProtectionInformationIsCoveredAndMetadataAfterItIsNot() throws BlockIOException {
        ByteBuffer data = ByteBuffer.allocate(BLOCK);
        ByteBuffer metadata = ByteBuffer.allocate(16);
        ProtectionInformation last = new ProtectionInformation(BLOCK, new BlockMetadata(16, false, 1, false));
        last.fill(0, data, metadata, 0);
        metadata.put(3, (byte) 1);
        assertThatExceptionOfType(BlockIOException.class).isThrownBy(() -> last.check(0, data, metadata));
        ProtectionInformation first = new ProtectionInformation(BLOCK, new BlockMetadata(16, false, 1, true));
        first.fill(0, data, metadata, 0);
        metadata.put(12, (byte) 1);
        first.check(0, data, metadata);
    }
}
