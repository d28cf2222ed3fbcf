package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.busbar.device.Deadline;
import org.busbar.emulator.Card;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Doorbell Buffer Config: values in memory count, and the register is rung only when EventIdx asks for it. */
@Timeout(60)
class NvmeShadowDoorbellsTest {

    private static final int DNR = 0x4000;
    private static final long SHADOWS = 0x200_0000;
    private static final long EVENTS = SHADOWS + 0x1000;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final EmulatedRack rack = new EmulatedRack(1);
    private MiniNvme nvme;
    private MemorySegment buffers;
    private MiniNvme.Queue queue;
    private int rings;

    @BeforeEach
    void start() throws IOException {
        rack.insert(1, Card.parse("nvme:size=1M"));
        nvme = MiniNvme.start(rack);
        nvme.data(4096);
        buffers = nvme.handle.dma().map(SHADOWS, 0x2000);
    }

    @AfterEach
    void theModelHasNotCrashed() {
        assertThat(rack.crash(1)).isNull();
        rack.close();
    }

    private void configure() throws IOException {
        assertThat(nvme.admin.run(0x7c, 0, SHADOWS, EVENTS)).isZero();
        queue = nvme.createQueue(1, 32);
    }

    /** Writes a value to a slot as a driver does, and rings the register if EventIdx was passed. */
    private void ring(long slot, int value) {
        int old = (int) INT.getVolatile(buffers, slot);
        INT.setVolatile(buffers, slot, value);
        VarHandle.fullFence();
        int event = (int) INT.getVolatile(buffers, 0x1000 + slot);
        // Of the values from the old one on, is the one after EventIdx among the new?
        boolean passed = Math.floorMod(value - event - 1, 0x1_0000) < Math.floorMod(value - old, 0x1_0000);
        if (passed) {
            rings++;
            nvme.bar.write32(0x1000 + slot, value);
        }
    }

    @Test
    void noCommandIsLostAndNotEachNeedsARing() throws IOException {
        configure();
        int tail = 0;
        int head = 0;
        int submitted = 0;
        int completed = 0;
        Deadline deadline = Deadline.afterMillis(30_000);
        while (completed < 4_000) {
            while (submitted - completed < 16 && submitted < 4_000) {
                queue.put(0x02, 1, MiniNvme.DATA, 0, submitted & 1023, 0, 0);
                tail = (tail + 1) % 32;
                submitted++;
                ring(8, tail);
            }
            int status = queue.poll();
            while (status >= 0) {
                assertThat(status).isZero();
                completed++;
                head = (head + 1) % 32;
                ring(12, head);
                status = queue.poll();
            }
            assertThat(deadline.expired()).as("%d of %d", completed, submitted).isFalse();
        }
        assertThat(rings).as("of 8000 updates").isLessThan(8_000);
        assertThat(rack.ssd(1).submissionDoorbells(1) + rack.ssd(1).completionDoorbells(1))
                .isEqualTo(rings);
        assertThat(rack.iommuFaults()).isEmpty();
    }

    @Test
    void aRegisterWriteAloneIsOnlyAHint() throws IOException {
        configure();
        queue.put(0x02, 1, MiniNvme.DATA, 0, 0, 0, 0);
        nvme.bar.write32(0x1008, 1);
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 7)).isZero();
        assertThat(queue.poll()).as("memory still says 0").isEqualTo(-1);
        INT.setVolatile(buffers, 8, 1);
        nvme.bar.write32(0x1008, 1);
        assertThat(queue.await()).isZero();
        Deadline deadline = Deadline.afterMillis(10_000);
        while ((int) INT.getVolatile(buffers, 0x1008) != 1) {
            assertThat(deadline.expired()).as("EventIdx follows before the device rests").isFalse();
            Thread.onSpinWait();
        }
    }

    @Test
    void aValueOutsideTheQueueIsAnErrorEvent() throws IOException {
        configure();
        nvme.admin.put(0x0c, 0, 0, 0);
        nvme.admin.ring();
        INT.setVolatile(buffers, 8, 32);
        nvme.bar.write32(0x1008, 1);
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.result).isEqualTo(0x0001_0100);
    }

    @Test
    void buffersBeginWithAPageAndEndWithAReset() throws IOException {
        assertThat(nvme.admin.run(0x7c, 0, SHADOWS + 4, EVENTS)).isEqualTo(DNR | 0x02);
        configure();
        nvme.bar.write32(0x14, 0);
        nvme.awaitRegister(0x1c, 1, 0);
        nvme.handle.dma().unmap(SHADOWS);
        nvme.handle.dma().unmap(MiniNvme.ADMIN_SQ);
        nvme.handle.dma().unmap(MiniNvme.ADMIN_CQ);
        nvme.enable();
        MiniNvme.Queue plain = nvme.createQueue(2, 32);
        assertThat(plain.read(0, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(rack.iommuFaults()).isEmpty();
    }
}
