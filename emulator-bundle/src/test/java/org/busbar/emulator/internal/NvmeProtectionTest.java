package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.busbar.emulator.Card;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Metadata apart from data and at the end of blocks, and protection information of all types. */
@Timeout(60)
class NvmeProtectionTest {

    private static final int PAGE = 4096;
    private static final int DNR = 0x4000;
    private static final long METADATA = MiniNvme.DATA + 16 * PAGE;
    private static final ValueLayout.OfShort BIG16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BIG32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int ACT = 1 << 29;
    private static final int GUARD = 1 << 28;
    private static final int APPLICATION = 1 << 27;
    private static final int REFERENCE = 1 << 26;
    private static final int CHECK_ALL = GUARD | APPLICATION | REFERENCE;
    /** Mask and value of the application tag. */
    private static final int TAG = 0xffff_1234;

    private final EmulatedRack rack = new EmulatedRack(1);
    private MiniNvme nvme;
    private MemorySegment data;
    private MemorySegment metadata;
    private MiniNvme.Queue queue;

    private void start(String card) throws IOException {
        rack.insert(1, Card.parse(card));
        nvme = MiniNvme.start(rack);
        data = nvme.data(32 * PAGE);
        metadata = data.asSlice(16 * PAGE, PAGE);
        queue = nvme.createQueue(1, 64);
    }

    @AfterEach
    void theModelHasNotCrashed() {
        assertThat(rack.crash(1)).isNull();
        rack.close();
    }

    private int io(int opcode, long block, int blocks, int control, int reference, int tag) {
        return queue.with(METADATA, 0)
                .run(opcode, 1, MiniNvme.DATA, MiniNvme.DATA + PAGE, (int) block, 0, (blocks - 1) | control, 0,
                        reference, tag);
    }

    @Test
    void metadataApartComesBackAsItWas() throws IOException {
        start("nvme:size=1M,metadata=16");
        data.fill((byte) 1);
        fill(metadata, 16 * 8);
        assertThat(io(0x01, 10, 8, 0, 0, 0)).isZero();
        data.fill((byte) 0);
        assertThat(io(0x02, 12, 2, 0, 0, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 1023)).isEqualTo((byte) 1);
        for (int i = 0; i < 32; i++) {
            assertThat(metadata.get(ValueLayout.JAVA_BYTE, i)).isEqualTo((byte) (32 + i));
        }
        assertThat(io(0x05, 12, 2, 0, 0, 0)).as("compares equal").isZero();
        metadata.set(ValueLayout.JAVA_BYTE, 17, (byte) 0);
        assertThat(io(0x05, 12, 2, 0, 0, 0)).as("metadata counts").isEqualTo(DNR | 0x285);
        assertThat(queue.with(METADATA + 2, 0).run(0x02, 1, MiniNvme.DATA, 0, 0, 0, 0)).isEqualTo(DNR | 0x02);
    }

    @Test
    void metadataAtTheEndOfBlocksIsPartOfTheTransfer() throws IOException {
        start("nvme:size=1M,metadata=64,extended=yes,mdts=1");
        fill(data, 4 * 576);
        assertThat(io(0x01, 3, 4, 0, 0, 0)).isZero();
        data.fill((byte) 0);
        assertThat(io(0x02, 4, 2, 0, 0, 0)).isZero();
        for (int i = 0; i < 2 * 576; i++) {
            assertThat(data.get(ValueLayout.JAVA_BYTE, i)).isEqualTo((byte) (576 + i));
        }
        assertThat(io(0x02, 0, 14, 0, 0, 0)).as("8064 bytes").isZero();
        assertThat(io(0x02, 0, 15, 0, 0, 0)).as("8640 bytes are beyond MDTS").isEqualTo(DNR | 0x02);
    }

    @Test
    void theGuardIsTheCrcOfT10Dif() throws IOException {
        start("nvme:size=1M,metadata=8,protection=1");
        // 32 zeros, then 32 ones, then 0 to 31, as test vectors go; the rest is zeros.
        assertThat(io(0x01, 0, 1, ACT, 0, TAG)).isZero();
        assertThat(io(0x02, 0, 1, 0, 0, 0)).isZero();
        assertThat(metadata.get(BIG16, 0)).as("CRC of zeros").isZero();
        data.asSlice(0, 512).fill((byte) 0xff);
        assertThat(io(0x01, 0, 1, ACT, 0, TAG)).isZero();
        assertThat(io(0x02, 0, 1, 0, 0, 0)).isZero();
        assertThat(Short.toUnsignedInt(metadata.get(BIG16, 0))).isEqualTo(crc(data.asSlice(0, 512)));
        assertThat(crc(MemorySegment.ofArray("123456789".getBytes(StandardCharsets.US_ASCII))))
                .as("the check value of CRC-16/T10-DIF")
                .isEqualTo(0xd0db);
        assertThat(metadata.get(BIG16, 2)).isEqualTo((short) 0x1234);
    }

    /** The CRC bit by bit. */
    private static int crc(MemorySegment segment) {
        int crc = 0;
        for (long at = 0; at < segment.byteSize(); at++) {
            crc ^= (segment.get(ValueLayout.JAVA_BYTE, at) & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ 0x1_8bb7;
            }
        }
        return crc;
    }

    @ParameterizedTest
    @CsvSource({"1, 8, no", "1, 16, yes", "2, 8, yes", "2, 64, no", "3, 8, no", "3, 16, yes"})
    void whatIsInsertedPassesAllChecksAndWhatIsWrongFailsTheRightOne(int type, int size, String extended)
            throws IOException {
        start("nvme:size=1M,metadata=" + size + ",protection=" + type + ",extended=" + extended);
        int reference = type == 1 ? 20 : 0x7777;
        int checked = type == 3 ? GUARD | APPLICATION : CHECK_ALL;
        boolean stripped = size == 8;
        fill(data, 4 * PAGE);
        assertThat(io(0x01, 20, 4, ACT, reference, TAG)).isZero();
        assertThat(io(0x02, 20, 4, ACT | checked, reference, TAG)).isZero();
        if (stripped) {
            assertThat(data.get(ValueLayout.JAVA_BYTE, 513)).as("data alone").isEqualTo((byte) 1);
        }
        assertThat(io(0x02, 20, 4, checked, reference, TAG)).isZero();
        assertThat(io(0x0c, 20, 4, checked, reference, TAG)).as("verify").isZero();
        MemorySegment second = information(1, size, extended.equals("yes"));
        assertThat(second.get(BIG16, 2)).isEqualTo((short) 0x1234);
        assertThat(second.get(BIG32, 4)).isEqualTo(type == 3 ? reference : reference + 1);

        assertThat(io(0x02, 20, 4, APPLICATION, reference, 0xffff_4321)).isEqualTo(DNR | 0x283);
        assertThat(io(0x02, 20, 4, APPLICATION, reference, 0x00ff_ff34)).as("masked").isZero();
        if (type == 1) {
            assertThat(io(0x02, 20, 4, REFERENCE, 21, TAG)).isEqualTo(DNR | 0x181);
        }
        if (type == 2) {
            assertThat(io(0x02, 20, 4, REFERENCE, 21, TAG)).isEqualTo(DNR | 0x284);
        }
        if (type == 3) {
            assertThat(io(0x02, 20, 4, REFERENCE, reference, TAG)).isEqualTo(DNR | 0x181);
        }

        // As it was read it can be written; with a flipped bit it cannot.
        assertThat(io(0x02, 20, 4, 0, reference, TAG)).isZero();
        assertThat(io(0x01, 20, 4, checked, reference, TAG)).isZero();
        data.set(ValueLayout.JAVA_BYTE, 100, (byte) ~data.get(ValueLayout.JAVA_BYTE, 100));
        assertThat(io(0x01, 20, 4, checked, reference, TAG)).isEqualTo(DNR | 0x282);
        assertThat(io(0x01, 20, 4, 0, reference, TAG)).as("unchecked it is written").isZero();
        assertThat(io(0x02, 20, 4, GUARD, reference, TAG)).isEqualTo(DNR | 0x282);
        assertThat(io(0x0c, 20, 4, GUARD, reference, TAG)).isEqualTo(DNR | 0x282);
        assertThat(io(0x02, 21, 3, GUARD, reference, TAG)).as("the others are right").isZero();
    }

    private MemorySegment information(int block, int size, boolean extended) {
        return extended
                ? data.asSlice((block + 1L) * (512 + size) - 8, 8)
                : metadata.asSlice((block + 1L) * size - 8, 8);
    }

    @Test
    void protectionInformationMayComeFirst() throws IOException {
        start("nvme:size=1M");
        assertThat(nvme.admin.run(0x80, 1, 0, 0, 2 | (1 << 5) | (1 << 8))).as("512 + 16, type 1, first").isZero();
        data.fill((byte) 3);
        metadata.asSlice(8, 8).fill((byte) 0x44);
        assertThat(io(0x01, 9, 1, ACT, 9, TAG)).isZero();
        data.fill((byte) 0);
        assertThat(io(0x02, 9, 1, CHECK_ALL, 9, TAG)).isZero();
        assertThat(Short.toUnsignedInt(metadata.get(BIG16, 0)))
                .as("covers the data alone")
                .isEqualTo(crc(data.asSlice(0, 512)));
        assertThat(metadata.get(BIG16, 2)).isEqualTo((short) 0x1234);
        assertThat(metadata.get(ValueLayout.JAVA_BYTE, 15)).isEqualTo((byte) 0x44);
    }

    @Test
    void blocksThatWereNeverWrittenAreNotChecked() throws IOException {
        start("nvme:size=1M,metadata=8,protection=1");
        assertThat(io(0x02, 100, 4, CHECK_ALL, 100, TAG)).isZero();
        assertThat(metadata.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(-1);
        assertThat(io(0x01, 100, 1, ACT, 100, TAG)).isZero();
        // Deallocated by Write Zeroes, and made zeros with protection information by it.
        assertThat(io(0x08, 100, 1, 1 << 25, 0, 0)).isZero();
        assertThat(io(0x02, 100, 1, CHECK_ALL, 100, 0xffff_9999)).isZero();
        assertThat(io(0x08, 100, 1, ACT, 100, TAG)).isZero();
        assertThat(io(0x02, 100, 1, CHECK_ALL, 100, TAG)).isZero();
        assertThat(io(0x02, 100, 1, CHECK_ALL, 100, 0xffff_9999)).isEqualTo(DNR | 0x283);
    }

    @Test
    void copyChecksWhatItReadsAndMakesNewTagsForWhatItWrites() throws IOException {
        start("nvme:size=1M,metadata=8,protection=1");
        fill(data, PAGE);
        assertThat(io(0x01, 8, 2, ACT, 8, TAG)).isZero();
        data.asSlice(0, 32).fill((byte) 0);
        data.set(ValueLayout.JAVA_LONG, 8, 8);
        data.set(ValueLayout.JAVA_SHORT, 16, (short) 1);
        data.set(ValueLayout.JAVA_INT, 24, 8);
        data.set(ValueLayout.JAVA_INT, 28, TAG);
        int readInfo = 0xf << 12;
        assertThat(io(0x19, 200, 1, readInfo | ACT, 200, 0xffff_abcd)).isZero();
        assertThat(io(0x02, 200, 2, CHECK_ALL, 200, 0xffff_abcd)).isZero();
        data.asSlice(0, 32).fill((byte) 0);
        data.set(ValueLayout.JAVA_LONG, 8, 8);
        data.set(ValueLayout.JAVA_INT, 24, 8);
        data.set(ValueLayout.JAVA_INT, 28, 0xffff_0000);
        assertThat(io(0x19, 200, 1, readInfo | ACT, 200, 0xffff_abcd)).isEqualTo(DNR | 0x283);
        assertThat(io(0x19, 200, 1, ACT, 200, 0)).as("only one side").isEqualTo(DNR | 0x02);
    }

    private static void fill(MemorySegment segment, int length) {
        for (int i = 0; i < length; i++) {
            segment.set(ValueLayout.JAVA_BYTE, i, (byte) i);
        }
    }
}
