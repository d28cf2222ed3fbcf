package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.busbar.device.HandoverState;
import org.junit.jupiter.api.Test;

/** What a driver leaves to its successor, as bytes. */
class LegacyTest {

    private static Legacy legacy() {
        Identifiers slots = new Identifiers(AdminQueue.ENTRIES - 1);
        for (int i = 0; i < 500; i++) {
            slots.give(slots.take());
        }
        assertThat(slots.take()).isNotNegative();
        return new Legacy(
                new RingState(AdminQueue.ENTRIES, 13, 9, 0, slots.identifiers(), slots.busy()), 8, true, "SER 1",
                "ein Möbel");
    }

    private static HandoverState state(byte[] bytes) {
        return new HandoverState(Legacy.FORMAT, Legacy.VERSION, bytes);
    }

    /** Makes the checksum right for other bytes. */
    private static byte[] sealed(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, bytes.length - 4);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length - 4, (int) crc.getValue());
        return bytes;
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        Legacy legacy = legacy();
        Legacy read = Legacy.parse(legacy.state());
        assertThat(read).usingRecursiveComparison().isEqualTo(legacy);
        assertThat(read.state()).isEqualTo(legacy.state());
        Identifiers again = new Identifiers(read.admin().identifiers(), read.admin().taken());
        assertThat(again.taken()).isEqualTo(1);
        assertThat(again.identifiers()).isEqualTo(legacy.admin().identifiers());
    }

    @Test
    void everyBitThatFlipsIsNoticed() {
        byte[] bytes = legacy().state().bytes();
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] damaged = bytes.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> Legacy.parse(state(damaged))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void everyLengthButTheRightOneIsNoticed() {
        byte[] bytes = legacy().state().bytes();
        for (int length = 0; length < bytes.length + 16; length += length + 1 == bytes.length ? 2 : 1) {
            byte[] part = Arrays.copyOf(bytes, length);
            byte[] cut = length < 4 ? part : sealed(part);
            assertThatThrownBy(() -> Legacy.parse(state(cut))).isInstanceOf(IOException.class);
        }
    }

    /** A state that makes no sense is told from one that does even if its checksum is right. */
    @Test
    void nonsenseWithARightChecksumNeverGetsFurtherThanTheParser() {
        Random random = new Random(6);
        byte[] bytes = legacy().state().bytes();
        for (int round = 0; round < 20_000; round++) {
            byte[] nonsense = bytes.clone();
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                nonsense[random.nextInt(nonsense.length - 4)] = (byte) random.nextInt();
            }
            try {
                RingState admin = Legacy.parse(state(sealed(nonsense))).admin();
                assertThat(admin.tail()).isBetween(0, AdminQueue.ENTRIES - 1);
                assertThat(admin.head()).isBetween(0, AdminQueue.ENTRIES - 1);
                assertThat(admin.phase()).isBetween(0, 1);
            } catch (IOException refused) {
                assertThat(refused).hasMessageMatching("(?s).+");
            }
        }
    }

    @Test
    void anotherFormatOrVersionIsNotRead() {
        byte[] bytes = legacy().state().bytes();
        assertThatThrownBy(() -> Legacy.parse(new HandoverState(Legacy.FORMAT, Legacy.VERSION + 1, bytes)))
                .hasMessageContaining("another version");
        assertThatThrownBy(() -> Legacy.parse(new HandoverState("other", Legacy.VERSION, bytes)))
                .hasMessageContaining("not of this driver");
    }
}
