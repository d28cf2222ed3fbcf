package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.emulator.Card;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Scatter gather lists: what they may look like, and which error each wrong one is. */
@Timeout(60)
class NvmeSglTest {

    private static final int PAGE = 4096;
    private static final int DNR = 0x4000;
    private static final int DATA_BLOCK = 0x00;
    private static final int BIT_BUCKET = 0x10;
    private static final int SEGMENT = 0x20;
    private static final int LAST_SEGMENT = 0x30;
    private static final long LIST = MiniNvme.DATA + 32 * PAGE;

    private final EmulatedRack rack = new EmulatedRack(1);
    private MiniNvme nvme;
    private MemorySegment data;
    private MemorySegment list;
    private MiniNvme.Queue queue;

    @BeforeEach
    void start() throws IOException {
        rack.insert(1, Card.parse("nvme:size=1M,namespaces=2,metadata=0+8"));
        nvme = MiniNvme.start(rack);
        data = nvme.data(48 * PAGE);
        list = data.asSlice(32 * PAGE);
        queue = nvme.createQueue(1, 64);
        for (int i = 0; i < 4 * PAGE; i++) {
            data.set(ValueLayout.JAVA_BYTE, i, (byte) (i / 512 + 1));
        }
    }

    @AfterEach
    void theModelHasNotCrashed() {
        assertThat(rack.crash(1)).isNull();
        rack.close();
    }

    private void descriptor(int index, long address, int length, int type) {
        list.set(ValueLayout.JAVA_LONG, 16L * index, address);
        list.set(ValueLayout.JAVA_INT, 16L * index + 8, length);
        list.set(ValueLayout.JAVA_INT, 16L * index + 12, type << 24);
    }

    private int io(int opcode, int blocks, long address, int length, int type) {
        return queue.with(0, 1)
                .run(opcode, 1, address, length | ((long) type << 56), 0, 0, blocks - 1);
    }

    private byte at(long offset) {
        return data.get(ValueLayout.JAVA_BYTE, offset);
    }

    @Test
    void oneDataBlockAnywhere() {
        assertThat(io(0x01, 3, MiniNvme.DATA + 512, 1536, DATA_BLOCK)).isZero();
        assertThat(io(0x02, 3, MiniNvme.DATA + 5 * PAGE + 7, 1536, DATA_BLOCK)).as("any alignment").isZero();
        assertThat(at(5 * PAGE + 7)).isEqualTo((byte) 2);
        assertThat(at(5 * PAGE + 7 + 1535)).isEqualTo((byte) 4);
    }

    @Test
    void aLastSegmentOfPiecesOfAnyLength() {
        descriptor(0, MiniNvme.DATA, 100, DATA_BLOCK);
        descriptor(1, 0, 0, DATA_BLOCK);
        descriptor(2, MiniNvme.DATA + 512, 412, DATA_BLOCK);
        descriptor(3, MiniNvme.DATA + 1024, 512, DATA_BLOCK);
        assertThat(io(0x01, 2, LIST, 64, LAST_SEGMENT)).isZero();
        assertThat(queue.read(0, 2, MiniNvme.DATA + 8 * PAGE, 0)).isZero();
        assertThat(at(8 * PAGE + 99)).isEqualTo((byte) 1);
        assertThat(at(8 * PAGE + 100)).isEqualTo((byte) 2);
        assertThat(at(8 * PAGE + 512)).isEqualTo((byte) 3);
    }

    @Test
    void segmentsFollowEachOther() {
        for (int i = 0; i < 100; i++) {
            descriptor(i, MiniNvme.DATA + 512L * (i % 8), 4, DATA_BLOCK);
        }
        descriptor(100, LIST + 16 * 200, 32, LAST_SEGMENT);
        descriptor(200, MiniNvme.DATA, 100, DATA_BLOCK);
        descriptor(201, MiniNvme.DATA + 1024, 12, DATA_BLOCK);
        assertThat(io(0x01, 1, LIST, 101 * 16, SEGMENT)).isZero();
        assertThat(queue.read(0, 1, MiniNvme.DATA + 8 * PAGE, 0)).isZero();
        assertThat(at(8 * PAGE + 4)).isEqualTo((byte) 2);
        assertThat(at(8 * PAGE + 400)).isEqualTo((byte) 1);
        assertThat(at(8 * PAGE + 500)).isEqualTo((byte) 3);
    }

    @Test
    void aBitBucketSwallowsWhatIsReadAndGivesNothing() {
        assertThat(queue.write(0, 8, MiniNvme.DATA, 0)).isZero();
        descriptor(0, MiniNvme.DATA + 8 * PAGE, 512, DATA_BLOCK);
        descriptor(1, 0, 1024, BIT_BUCKET);
        descriptor(2, MiniNvme.DATA + 9 * PAGE, 512, DATA_BLOCK);
        assertThat(io(0x02, 4, LIST, 48, LAST_SEGMENT)).isZero();
        assertThat(at(8 * PAGE)).isEqualTo((byte) 1);
        assertThat(at(8 * PAGE + 512)).isZero();
        assertThat(at(9 * PAGE)).isEqualTo((byte) 4);
        assertThat(io(0x01, 2, LIST, 48, LAST_SEGMENT)).as("a write has 1024 bytes").isZero();
        assertThat(rack.iommuFaults()).isEmpty();
    }

    @Test
    void wrongListsEndWithTheStatusOfTheSpecification() {
        assertThat(io(0x02, 2, MiniNvme.DATA, 512, DATA_BLOCK)).as("too short").isEqualTo(DNR | 0x0f);
        assertThat(io(0x02, 2, MiniNvme.DATA, 2048, DATA_BLOCK)).as("too long").isEqualTo(DNR | 0x0f);
        assertThat(io(0x02, 1, MiniNvme.DATA, 512, 0x40)).as("keyed").isEqualTo(DNR | 0x11);
        assertThat(io(0x02, 1, MiniNvme.DATA, 512, 0x01)).as("an offset").isEqualTo(DNR | 0x11);
        assertThat(io(0x02, 1, LIST, 24, LAST_SEGMENT)).as("no whole descriptors").isEqualTo(DNR | 0x0d);
        assertThat(io(0x02, 1, LIST, 0, LAST_SEGMENT)).isEqualTo(DNR | 0x0d);
        descriptor(0, LIST, 16, LAST_SEGMENT);
        assertThat(io(0x02, 1, LIST, 16, LAST_SEGMENT)).as("after the last").isEqualTo(DNR | 0x0d);
        descriptor(0, LIST, 32, SEGMENT);
        descriptor(1, MiniNvme.DATA, 512, DATA_BLOCK);
        assertThat(io(0x02, 1, LIST, 32, SEGMENT)).as("in the middle").isEqualTo(DNR | 0x0e);
        descriptor(0, MiniNvme.DATA, 512, DATA_BLOCK);
        assertThat(io(0x02, 1, LIST, 16, SEGMENT)).as("nothing follows").isEqualTo(DNR | 0x0d);
        assertThat(io(0x02, 1, 0x7000_0000, 16, LAST_SEGMENT)).as("not mapped").isEqualTo(0x04);
        assertThat(queue.with(0, 3).run(0x02, 1, MiniNvme.DATA, 512)).as("reserved PSDT").isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.with(0, 1).run(0x06, 1, MiniNvme.DATA, PAGE)).as("admin").isEqualTo(DNR | 0x02);
    }

    @Test
    void L5_aListThatLeadsInACircleEnds() {
        descriptor(0, LIST, 16, SEGMENT);
        assertThat(io(0x02, 1, LIST, 16, SEGMENT)).isEqualTo(DNR | 0x0e);
    }

    @Test
    void metadataHasASglOfItsOwn() {
        list.set(ValueLayout.JAVA_LONG, 0, MiniNvme.DATA + 10 * PAGE + 3);
        list.set(ValueLayout.JAVA_INT, 8, 16);
        list.set(ValueLayout.JAVA_INT, 12, 0);
        data.asSlice(10 * PAGE + 3, 16).fill((byte) 0x77);
        assertThat(tagged(0x01)).isZero();
        data.asSlice(10 * PAGE, 32).fill((byte) 0);
        assertThat(tagged(0x02)).isZero();
        assertThat(at(10 * PAGE + 3)).isEqualTo((byte) 0x77);
        assertThat(at(10 * PAGE + 18)).isEqualTo((byte) 0x77);
        list.set(ValueLayout.JAVA_INT, 8, 8);
        assertThat(tagged(0x02)).isEqualTo(DNR | 0x10);
    }

    private int tagged(int opcode) {
        return queue.with(LIST, 2).run(opcode, 2, MiniNvme.DATA, 1024, 0, 0, 1);
    }
}
