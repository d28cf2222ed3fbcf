package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.emulator.Card;
import org.busbar.emulator.Rack.IommuFault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The NVMe controller as a driver sees it: registers, queues, commands, through the host interface. */
@Timeout(60)
class NvmeModelTest {

    private static final int PAGE = 4096;
    private static final int DNR = 0x4000;
    private static final long LISTS = MiniNvme.DATA + 0x80_0000;

    private EmulatedRack rack;
    private MiniNvme nvme;
    private MemorySegment listMemory;

    @BeforeEach
    void start() throws IOException {
        rack = new EmulatedRack(2);
        rack.insert(1, Card.parse("nvme:size=16M,serial=TEST1"));
        nvme = MiniNvme.start(rack);
    }

    @AfterEach
    void theModelHasNotCrashed() {
        assertThat(rack.slots().getFirst().card() == null ? null : rack.crash(1)).isNull();
        rack.close();
    }

    @Test
    void registersAreThoseOfAnNvme14Controller() {
        assertThat(nvme.bar.read64(0)).isEqualTo(0x0040_0030_0f01_0fffL);
        assertThat(nvme.bar.read32(8)).isEqualTo(0x0001_0400);
        assertThat(nvme.bar.read16(8)).isEqualTo(0x0400);
        assertThat(nvme.bar.read8(10)).isEqualTo(1);
        assertThat(nvme.bar.size()).isEqualTo(0x4000);
    }

    @Test
    void identifiesControllerAndNamespace() throws IOException {
        MemorySegment data = nvme.data(PAGE);

        assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 1)).isZero();
        assertThat(text(data, 4, 20)).isEqualTo("TEST1");
        assertThat(text(data, 24, 40)).isEqualTo("Busbar Emulated NVMe");
        assertThat(data.get(ValueLayout.JAVA_SHORT, 0)).isEqualTo((short) 0x1b36);
        assertThat(data.get(ValueLayout.JAVA_INT, 516)).isEqualTo(32);

        assertThat(nvme.admin.run(0x06, 1, MiniNvme.DATA, 0, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(32_768);
        assertThat(data.get(ValueLayout.JAVA_INT, 128)).isEqualTo(9 << 16);

        assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 2)).isZero();
        assertThat(data.get(ValueLayout.JAVA_INT, 0)).isEqualTo(1);
        assertThat(data.get(ValueLayout.JAVA_INT, 4)).isZero();

        assertThat(nvme.admin.run(0x06, 1, MiniNvme.DATA, 0, 3)).isZero();
        assertThat(data.get(ValueLayout.JAVA_SHORT, 0)).isEqualTo((short) 0x0801);

        assertThat(nvme.admin.run(0x06, 33, MiniNvme.DATA, 0, 0)).isEqualTo(DNR | 0x0b);
        assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 0x99)).isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(0x77, 0, MiniNvme.DATA, 0)).isEqualTo(DNR | 0x01);
    }

    @Test
    void readsBackWhatWasWrittenThroughEveryFormOfPrp() throws IOException {
        MiniNvme.Queue queue = nvme.createQueue(1, 64);
        listMemory = nvme.handle.dma().map(LISTS, 3 * PAGE);
        MemorySegment data = nvme.data(2 * 528 * 1024);
        long back = MiniNvme.DATA + 528 * 1024;
        for (int i = 0; i < 528 * 1024 / 8; i++) {
            data.setAtIndex(ValueLayout.JAVA_LONG, i, i * 0x9e37_79b9_7f4a_7c15L);
        }

        // One page; two pages; a list; a list that begins in the middle of its page and continues in another.
        check(queue, data, back, 0, 8, 0, 0);
        check(queue, data, back, 512, 15, 0, 0);
        check(queue, data, back, 0, 1024, 2 * PAGE, 0);
        check(queue, data, back, 2048, 1024, PAGE - 8 * 20, 2 * PAGE);
        check(queue, data, back, 4, 1, 0, 0);

        assertThat(rack.iommuFaults()).isEmpty();
    }

    private void check(
            MiniNvme.Queue queue, MemorySegment data, long back, int offset, int blocks, long listAt, long nextAt) {
        int length = blocks * 512;
        data.asSlice(back - MiniNvme.DATA, length + offset).fill((byte) 0x55);
        assertThat(queue.write(17, blocks, MiniNvme.DATA + offset, prp2(MiniNvme.DATA, offset, length, listAt, nextAt)))
                .isZero();
        assertThat(queue.read(17, blocks, back + offset, prp2(back, offset, length, listAt, nextAt)))
                .isZero();
        MemorySegment expected = data.asSlice(offset, length);
        assertThat(data.asSlice(back - MiniNvme.DATA + offset, length).mismatch(expected))
                .isEqualTo(-1);
    }

    /** Works out PRP2, and fills in a list where one is needed. */
    private long prp2(long base, int offset, int length, long listAt, long nextAt) {
        int pages = (offset + length + PAGE - 1) / PAGE - 1;
        if (pages <= 1) {
            return pages == 0 ? 0 : base + PAGE;
        }
        long at = listAt;
        for (int page = 1; page <= pages; page++) {
            if (at % PAGE == PAGE - 8 && page < pages) {
                listMemory.set(ValueLayout.JAVA_LONG, at, LISTS + nextAt);
                at = nextAt;
            }
            listMemory.set(ValueLayout.JAVA_LONG, at, base + (long) page * PAGE);
            at += 8;
        }
        return LISTS + listAt;
    }

    @Test
    void queuesWrapAround() throws IOException {
        MiniNvme.Queue queue = nvme.createQueue(3, 5);
        nvme.data(PAGE);
        for (int i = 0; i < 103; i++) {
            assertThat(queue.write(i, 1, MiniNvme.DATA, 0)).isZero();
            assertThat(queue.submissionHead).isEqualTo((i + 1) % 5);
        }
    }

    @Test
    void aFullCompletionQueueHoldsCommandsBackAndLosesNone() throws IOException {
        MiniNvme.Queue queue = nvme.createQueue(1, 4);
        nvme.data(PAGE);
        int completed = 0;
        int submitted = 0;
        // Three fit into the ring; the driver submits three more before it acknowledges any.
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 3; i++) {
                queue.put(0x02, 1, MiniNvme.DATA, 0, 0, 0, 0);
                submitted++;
            }
            queue.ring();
            for (int i = 0; i < 3; i++) {
                Deadline deadline = Deadline.afterMillis(5_000);
                int status = queue.poll();
                while (status < 0) {
                    assertThat(deadline.expired()).isFalse();
                    status = queue.poll();
                }
                assertThat(status).isZero();
                completed++;
            }
            queue.acknowledge();
        }
        assertThat(completed).isEqualTo(submitted);
    }

    @Test
    void wrongCommandsEndWithTheStatusOfTheSpecification() throws IOException {
        MiniNvme.Queue queue = nvme.createQueue(1, 16);
        nvme.data(PAGE);
        assertThat(queue.read(32_768, 1, MiniNvme.DATA, 0)).isEqualTo(DNR | 0x80);
        assertThat(queue.read(-1, 1, MiniNvme.DATA, 0)).isEqualTo(DNR | 0x80);
        assertThat(queue.read(32_767, 2, MiniNvme.DATA, 0)).isEqualTo(DNR | 0x80);
        assertThat(queue.read(0, 1025, MiniNvme.DATA, 0)).isEqualTo(DNR | 0x02);
        assertThat(queue.read(0, 1, MiniNvme.DATA + 1, 0)).isEqualTo(DNR | 0x13);
        assertThat(queue.read(0, 16, MiniNvme.DATA, MiniNvme.DATA + 4)).isEqualTo(DNR | 0x13);
        assertThat(queue.run(0x02, 2, MiniNvme.DATA, 0)).as("inactive").isEqualTo(DNR | 0x02);
        assertThat(queue.run(0x02, 33, MiniNvme.DATA, 0)).as("invalid").isEqualTo(DNR | 0x0b);
        assertThat(queue.run(0x42, 1, MiniNvme.DATA, 0)).isEqualTo(DNR | 0x01);
        assertThat(queue.run(0x00, -1, 0, 0)).isZero();

        // Queue management: identifiers, sizes, vectors, order.
        assertThat(nvme.admin.run(0x05, 0, 0x1000_0000, 0, 1 | (15 << 16), 3)).isEqualTo(DNR | 0x101);
        assertThat(nvme.admin.run(0x05, 0, 0x1000_0000, 0, 17 | (15 << 16), 3)).isEqualTo(DNR | 0x101);
        assertThat(nvme.admin.run(0x05, 0, 0x1000_0000, 0, 2 | (4096 << 16), 3)).isEqualTo(DNR | 0x102);
        assertThat(nvme.admin.run(0x05, 0, 0x1000_0000, 0, 2, 3)).isEqualTo(DNR | 0x102);
        assertThat(nvme.admin.run(0x05, 0, 0x1000_0000, 0, 2 | (15 << 16), 3 | (17 << 16)))
                .isEqualTo(DNR | 0x108);
        assertThat(nvme.admin.run(0x01, 0, 0x1000_0000, 0, 2 | (15 << 16), 1 | (2 << 16)))
                .isEqualTo(DNR | 0x100);
        assertThat(nvme.admin.run(0x04, 0, 0, 0, 1)).isEqualTo(DNR | 0x10c);
        assertThat(nvme.admin.run(0x00, 0, 0, 0, 1)).isZero();
        assertThat(nvme.admin.run(0x04, 0, 0, 0, 1)).isZero();
        assertThat(nvme.admin.run(0x04, 0, 0, 0, 1)).isEqualTo(DNR | 0x101);
    }

    @Test
    void writeZeroesCompareAndDeallocate() throws IOException {
        MiniNvme.Queue queue = nvme.createQueue(1, 16);
        MemorySegment data = nvme.data(PAGE);
        data.fill((byte) 7);
        assertThat(queue.write(100, 8, MiniNvme.DATA, 0)).isZero();
        assertThat(queue.run(0x05, 1, MiniNvme.DATA, 0, 100, 0, 7)).isZero();
        assertThat(queue.run(0x08, 1, 0, 0, 102, 0, 0)).isZero();
        assertThat(queue.run(0x05, 1, MiniNvme.DATA, 0, 100, 0, 7)).isEqualTo(DNR | 0x285);

        data.set(ValueLayout.JAVA_INT, 4, 8);
        data.set(ValueLayout.JAVA_LONG, 8, 100);
        assertThat(queue.run(0x09, 1, MiniNvme.DATA, 0, 0, 4)).isZero();
        data.fill((byte) 1);
        assertThat(queue.read(100, 8, MiniNvme.DATA, 0)).isZero();
        assertThat(data.mismatch(MemorySegment.ofArray(new byte[PAGE]))).isEqualTo(-1);
    }

    @Test
    void featuresLogsAndAborts() throws IOException {
        MemorySegment data = nvme.data(PAGE);
        assertThat(nvme.admin.run(0x09, 0, 0, 0, 7, 3 | (3 << 16))).isZero();
        assertThat(nvme.admin.result).isEqualTo(15 | (15 << 16));
        assertThat(nvme.admin.run(0x09, 0, 0, 0, 6, 0)).isZero();
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 6)).isZero();
        assertThat(nvme.admin.result).isZero();
        assertThat(nvme.admin.run(0x09, 0, 0, 0, 0x77, 0)).isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(0x08, 0, 0, 0, 1 | (5 << 16))).isZero();
        assertThat(nvme.admin.result).isEqualTo(1);

        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 1 | (15 << 16))).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).as("the one that failed").isEqualTo(1);
        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 2 | (127 << 16))).isZero();
        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 3 | (127 << 16))).isZero();
        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 0x66 | (127 << 16))).isEqualTo(DNR | 0x109);
        nvme.createQueue(1, 8);
        assertThat(nvme.admin.run(0x09, 0, 0, 0, 7, 3 | (3 << 16))).isEqualTo(DNR | 0x0c);
    }

    @Test
    void aBadDoorbellIsAnAsynchronousEvent() {
        int request = nvme.admin.put(0x0c, 0, 0, 0);
        nvme.admin.ring();
        nvme.bar.write32(0x1000 + 8 * 9, 1);
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.command).isEqualTo(request);
        assertThat(nvme.admin.result).isEqualTo(1 << 16);
    }

    @Test
    void interruptsArriveOncePerVectorAndOnlyWhileEnabled() throws Exception {
        BlockingQueue<Integer> fired = new LinkedBlockingQueue<>();
        nvme.handle.interrupts().enable(3, fired::add);
        MiniNvme.Queue queue = nvme.createQueue(2, 16);
        nvme.data(PAGE);
        assertThat(fired.poll(5, TimeUnit.SECONDS)).isZero();
        assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isZero();
        Integer vector = fired.poll(5, TimeUnit.SECONDS);
        while (vector != null && vector == 0) {
            vector = fired.poll(5, TimeUnit.SECONDS);
        }
        assertThat(vector).isEqualTo(2);

        nvme.handle.interrupts().disable();
        fired.clear();
        assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(fired).isEmpty();
    }

    @Test
    void disableAndResetForgetQueuesAndEnableStartsAfresh() throws Exception {
        nvme.createQueue(1, 16);
        nvme.bar.write32(0x14, 0);
        nvme.awaitRegister(0x1c, 1, 0);
        nvme.handle.dma().unmap(MiniNvme.ADMIN_SQ);
        nvme.handle.dma().unmap(MiniNvme.ADMIN_CQ);
        nvme.enable();
        assertThat(nvme.admin.run(0x00, 0, 0, 0, 1)).as("queue 1 is gone").isEqualTo(DNR | 0x101);

        nvme.handle.reset(Deadline.afterMillis(5_000));
        assertThat(nvme.bar.read32(0x14)).isZero();
        assertThat(nvme.bar.read32(0x1c)).isZero();
        assertThat(nvme.bar.read64(0x28)).isZero();
    }

    @Test
    void shutdownCompletes() {
        nvme.bar.write32(0x14, 0x0046_4001);
        nvme.awaitRegister(0x1c, 0xc, 0x8);
    }

    @Test
    void anImpossibleConfigurationIsAFatalError() {
        nvme.bar.write32(0x14, 0);
        nvme.awaitRegister(0x1c, 1, 0);
        nvme.bar.write32(0x14, 0x0046_0001 | (9 << 7));
        nvme.awaitRegister(0x1c, 3, 2);
        nvme.bar.write32(0x14, 0);
        nvme.awaitRegister(0x1c, 3, 0);
    }

    @Test
    void dmaOutsideTheMappingsFailsTheCommandAndIsRecorded() throws IOException {
        MiniNvme.Queue queue = nvme.createQueue(1, 16);
        assertThat(queue.read(0, 8, 0x7000_0000, 0)).isEqualTo(0x04);
        assertThat(queue.write(0, 8, 0x7000_1000, 0)).isEqualTo(0x04);
        assertThat(rack.iommuFaults())
                .containsExactly(
                        new IommuFault(1, 0x7000_0000, 4096, true),
                        new IommuFault(1, 0x7000_1000, 4096, false));
        assertThat(nvme.notices.seen)
                .as("whoever has the card open is told once")
                .containsExactly("the IOMMU has stopped the device: it wanted to write 4096 bytes at 0x70000000, where"
                        + " nothing is mapped for it");

        nvme.handle.dma().unmap(0x20_0000);
        queue.ring();
        nvme.bar.write32(0x1008, 7);
        nvme.awaitRegister(0x1c, 2, 2);
    }

    @Test
    void blocksOfAFileSurviveTheCard(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("disk");
        rack.pull(1);
        rack.insert(1, Card.parse("nvme:size=1M,block=4096,file=" + file));
        nvme = MiniNvme.start(rack);
        MemorySegment data = nvme.data(PAGE);
        data.fill((byte) 42);
        MiniNvme.Queue queue = nvme.createQueue(1, 16);
        assertThat(queue.write(255, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(queue.run(0, 1, 0, 0)).isZero();
        assertThat(file).hasSize(1 << 20);

        rack.swap(1, Card.parse("nvme:size=1M,block=4096,file=" + file));
        nvme = MiniNvme.start(rack);
        data = nvme.data(PAGE);
        queue = nvme.createQueue(1, 16);
        assertThat(queue.read(255, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 4095)).isEqualTo((byte) 42);
        nvme.close();
    }

    private static String text(MemorySegment data, long offset, int length) {
        return new String(
                data.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII)
                .strip();
    }
}
