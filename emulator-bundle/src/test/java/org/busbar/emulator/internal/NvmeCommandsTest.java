package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.emulator.Card;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands beyond reading and writing, and what a controller may go without. */
@Timeout(60)
class NvmeCommandsTest {

    private static final int PAGE = 4096;
    private static final int DNR = 0x4000;

    private final EmulatedRack rack = new EmulatedRack(1);
    private MiniNvme nvme;
    private MemorySegment data;
    private MiniNvme.Queue queue;

    private void start(String card) throws IOException {
        rack.insert(1, Card.parse(card));
        nvme = MiniNvme.start(rack);
        data = nvme.data(64 * PAGE);
        queue = nvme.createQueue(1, 64);
    }

    @AfterEach
    void theModelHasNotCrashed() {
        assertThat(rack.crash(1)).isNull();
        rack.close();
    }

    @Test
    void copyMovesBlocksFromSeveralRanges() throws IOException {
        start("nvme:size=16M");
        for (int block = 0; block < 8; block++) {
            data.asSlice(512L * block, 512).fill((byte) (block + 1));
        }
        assertThat(queue.write(0, 8, MiniNvme.DATA, 0)).isZero();
        ranges(6, 2, 0, 3);
        assertThat(queue.run(0x19, 1, MiniNvme.DATA, 0, 100, 0, 1)).isZero();
        assertThat(queue.read(100, 5, MiniNvme.DATA, 0)).isZero();
        assertThat(firstBytes(5)).containsExactly(7, 8, 1, 2, 3);

        ranges(6, 2, 32_767, 2);
        assertThat(queue.run(0x19, 1, MiniNvme.DATA, 0, 100, 0, 1)).isEqualTo(DNR | 0x80);
        assertThat(queue.run(0x19, 1, MiniNvme.DATA, 0, 32_767, 0, 0)).isEqualTo(DNR | 0x80);
        ranges(0, 2049);
        assertThat(queue.run(0x19, 1, MiniNvme.DATA, 0, 0, 0, 0)).as("MSSRL").isEqualTo(DNR | 0x183);
        assertThat(queue.run(0x19, 1, MiniNvme.DATA, 0, 0, 0, 64)).as("MSRC").isEqualTo(DNR | 0x183);
        assertThat(queue.run(0x19, 1, MiniNvme.DATA, 0, 0, 0, 1 << 8)).as("format 1").isEqualTo(DNR | 0x02);
    }

    private void ranges(int... firstAndCount) {
        data.asSlice(0, PAGE).fill((byte) 0);
        for (int i = 0; i < firstAndCount.length / 2; i++) {
            data.set(ValueLayout.JAVA_LONG, 32L * i + 8, firstAndCount[2 * i]);
            data.set(ValueLayout.JAVA_SHORT, 32L * i + 16, (short) (firstAndCount[2 * i + 1] - 1));
        }
    }

    private int[] firstBytes(int blocks) {
        int[] bytes = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            bytes[i] = data.get(ValueLayout.JAVA_BYTE, 512L * i);
        }
        return bytes;
    }

    @Test
    void deallocatedRangesReadAsZeros() throws IOException {
        start("nvme:size=16M");
        data.fill((byte) 9);
        assertThat(queue.write(0, 16, MiniNvme.DATA, MiniNvme.DATA + PAGE)).isZero();
        data.asSlice(0, PAGE).fill((byte) 0);
        data.set(ValueLayout.JAVA_INT, 4, 2);
        data.set(ValueLayout.JAVA_LONG, 8, 3);
        data.set(ValueLayout.JAVA_INT, 20, 1);
        data.set(ValueLayout.JAVA_LONG, 24, 7);
        assertThat(queue.run(0x09, 1, MiniNvme.DATA, 0, 1, 1)).as("a hint").isZero();
        assertThat(queue.read(0, 8, MiniNvme.DATA + PAGE, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, PAGE + 3 * 512)).isEqualTo((byte) 9);
        assertThat(queue.run(0x09, 1, MiniNvme.DATA, 0, 1, 4)).isZero();
        assertThat(queue.read(0, 8, MiniNvme.DATA, 0)).isZero();
        assertThat(firstBytes(8)).containsExactly(9, 9, 9, 0, 0, 9, 9, 0);
    }

    @Test
    void verifyReadsWithoutATransfer() throws IOException {
        start("nvme:size=64M");
        assertThat(queue.run(0x0c, 1, 0, 0, 0, 0, 0xffff)).as("32 MiB at once").isZero();
        assertThat(queue.run(0x0c, 1, 0, 0, 131_072, 0, 0)).isEqualTo(DNR | 0x80);
        assertThat(rack.iommuFaults()).isEmpty();
    }

    @Test
    void writesMayHaveToBeDurableAtOnce() throws IOException {
        start("nvme:size=1M");
        data.fill((byte) 1);
        assertThat(queue.run(0x01, 1, MiniNvme.DATA, 0, 0, 0, 7 | (1 << 30))).as("FUA").isZero();
        assertThat(nvme.admin.run(0x09, 0, 0, 0, 6, 0)).as("cache off").isZero();
        assertThat(queue.write(8, 8, MiniNvme.DATA, 0)).isZero();
        assertThat(queue.run(0x00, 1, 0, 0)).isZero();
        assertThat(queue.run(0x00, 2, 0, 0)).isEqualTo(DNR | 0x02);
    }

    @Test
    void transfersBeyondMdtsAreRefused() throws IOException {
        start("nvme:size=1M,mdts=1");
        assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 1)).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 77)).isEqualTo((byte) 1);
        assertThat(queue.read(0, 16, MiniNvme.DATA, MiniNvme.DATA + PAGE)).isZero();
        assertThat(queue.read(0, 17, MiniNvme.DATA, MiniNvme.DATA + PAGE)).isEqualTo(DNR | 0x02);
    }

    @Test
    void formatErasesAndGivesBlocksAnotherForm() throws IOException {
        start("nvme:size=1M,namespaces=2");
        data.fill((byte) 5);
        assertThat(queue.write(0, 8, MiniNvme.DATA, 0)).isZero();
        assertThat(nvme.admin.run(0x80, 1, 0, 0, 4)).as("4096 bytes").isZero();
        assertThat(nvme.admin.run(0x06, 1, MiniNvme.DATA, 0, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(256);
        assertThat(data.get(ValueLayout.JAVA_BYTE, 26)).isEqualTo((byte) 4);
        assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 0)).isZero();
        assertThat(queue.read(256, 1, MiniNvme.DATA, 0)).isEqualTo(DNR | 0x80);

        assertThat(nvme.admin.run(0x80, -1, 0, 0, 1 | (1 << 5))).as("all: 512 + 8, type 1").isZero();
        assertThat(nvme.admin.run(0x06, 2, MiniNvme.DATA, 0, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 29)).isEqualTo((byte) 1);
        assertThat(nvme.admin.run(0x80, 1, 0, 0, 9)).isEqualTo(DNR | 0x10a);
        assertThat(nvme.admin.run(0x80, 1, 0, 0, 1 << 5)).as("no room for protection").isEqualTo(DNR | 0x10a);
        assertThat(nvme.admin.run(0x80, 3, 0, 0, 0)).isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(0x80, 99, 0, 0, 0)).isEqualTo(DNR | 0x0b);
    }

    @Test
    void vendorCommandsEcho() throws IOException {
        start("nvme:size=1M");
        assertThat(nvme.admin.run(0xc0, 0, 0, 0, 0, 0, 0x1234_5678, 0)).isZero();
        assertThat(nvme.admin.result).isEqualTo(0x1234_5678);
        assertThat(queue.run(0x80, 77, 0, 0, 0, 0, 7, 0x3c5)).as("any status").isEqualTo(0x3c5);
        data.asSlice(0, PAGE).fill((byte) 0x5a);
        assertThat(queue.run(0x81, 1, MiniNvme.DATA, 0, 3)).isZero();
        data.asSlice(0, PAGE).fill((byte) 0);
        assertThat(queue.run(0x82, 1, MiniNvme.DATA, 0, 1024)).isZero();
        assertThat(data.get(ValueLayout.JAVA_INT, 8)).isEqualTo(0x5a5a_5a5a);
        assertThat(data.get(ValueLayout.JAVA_INT, 12)).isZero();
        assertThat(nvme.admin.run(0xc1, 0, MiniNvme.DATA, 0, 1025)).isEqualTo(DNR | 0x02);
    }

    @Test
    void whatAControllerGoesWithoutItDoesNotPromiseAndDoesNotDo() throws IOException {
        start("nvme:size=1M,without=compare+zeroes+deallocate+verify+copy+format+management+shadow+sgl+cache"
                + "+subsystem-reset,queues=2");
        assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 1)).isZero();
        assertThat(data.get(ValueLayout.JAVA_SHORT, 256)).as("OACS").isZero();
        assertThat(data.get(ValueLayout.JAVA_SHORT, 520)).as("ONCS: select").isEqualTo((short) 0x10);
        assertThat(data.get(ValueLayout.JAVA_BYTE, 525)).as("VWC").isEqualTo((byte) 6);
        assertThat(data.get(ValueLayout.JAVA_INT, 536)).as("SGLS").isZero();
        for (int opcode : new int[] {0x05, 0x08, 0x09, 0x0c, 0x19}) {
            assertThat(queue.run(opcode, 1, MiniNvme.DATA, 0)).isEqualTo(DNR | 0x01);
        }
        for (int opcode : new int[] {0x0d, 0x15, 0x7c, 0x80}) {
            assertThat(nvme.admin.run(opcode, 1, MiniNvme.DATA, 0)).isEqualTo(DNR | 0x01);
        }
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 6)).as("no cache to switch").isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(0x09, 0, 0, 0, 7, 3)).isEqualTo(DNR | 0x0c);
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 7)).isZero();
        assertThat(nvme.admin.result).isEqualTo(1 | (1 << 16));
        assertThat(nvme.admin.run(0x05, 0, 0x1000_0000, 0, 3 | (15 << 16), 3)).isEqualTo(DNR | 0x101);
        assertThat(queue.with(0, 1).run(0x02, 1, MiniNvme.DATA, 512)).isEqualTo(DNR | 0x02);
        assertThat(nvme.bar.read64(0) & (1L << 36)).as("NSSRS").isZero();
        nvme.bar.write32(0x20, 0x4e56_4d65);
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 7)).as("it still works").isZero();
    }

    @Test
    void theCommandsSupportedLogIsWhatTheControllerDoes() throws IOException {
        start("nvme:size=1M,without=copy");
        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 5 | (1023 << 16))).isZero();
        assertThat(data.get(ValueLayout.JAVA_INT, 4 * 0x06)).as("Identify").isEqualTo(1);
        assertThat(data.get(ValueLayout.JAVA_INT, 4 * 0x0d)).as("Namespace Management").isEqualTo(9);
        assertThat(data.get(ValueLayout.JAVA_INT, 1024 + 4)).as("Write").isEqualTo(3);
        assertThat(data.get(ValueLayout.JAVA_INT, 1024 + 4 * 0x19)).as("Copy").isZero();
    }

    @Test
    void anNvme2ControllerSaysHowLongItTakes() throws IOException {
        start("nvme:size=1M,version=2.0");
        assertThat(nvme.bar.read32(8)).isEqualTo(0x0002_0000);
        assertThat(nvme.bar.read64(0) >>> 59).as("CRMS").isEqualTo(3);
        assertThat(nvme.bar.read32(0x68)).as("CRTO").isEqualTo(0x000f_000f);
        assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 1)).isZero();
        assertThat(data.get(ValueLayout.JAVA_INT, 80)).isEqualTo(0x0002_0000);
        assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 6)).as("of the NVM command set").isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 0)).as("VSL: no limit").isZero();
        assertThat(nvme.admin.run(0x06, 1, MiniNvme.DATA, 0, 5)).isZero();
        assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 6, 2 << 24)).as("zoned").isEqualTo(DNR | 0x02);
        nvme.bar.write32(0x14, 0);
        nvme.awaitRegister(0x1c, 1, 0);
        nvme.bar.write32(0x14, 0x0146_0001);
        nvme.awaitRegister(0x1c, 1, 1);
        assertThat(nvme.bar.read32(0x14)).as("CC.CRIME").isEqualTo(0x0146_0001);
    }

    @Test
    void aSubsystemResetIsOneOfEverythingAndIsRemembered() throws IOException {
        start("nvme:size=1M");
        nvme.bar.write32(0x20, 0x1234_5678);
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 7)).as("not that value").isZero();
        nvme.bar.write32(0x20, 0x4e56_4d65);
        nvme.awaitRegister(0x1c, 0x11, 0x10);
        nvme.awaitRegister(0x14, -1, 0);
        nvme.bar.write32(0x1c, 0x10);
        assertThat(nvme.bar.read32(0x1c)).isZero();
    }

    @Test
    void aFatalErrorLastsUntilTheReset() throws IOException {
        start("nvme:size=1M");
        rack.ssd(1).fatal();
        nvme.awaitRegister(0x1c, 3, 3);
        nvme.bar.write32(0x14, 0);
        nvme.awaitRegister(0x1c, 3, 0);
    }
}
