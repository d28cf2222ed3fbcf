package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.testkit.RegisterBar;
import org.busbar.testkit.TestDma;
import org.junit.jupiter.api.Test;

/** The pages in which a controller looks for doorbells. */
class DoorbellBuffersTest {

    private static final byte BEFORE = 37;

    /** Doorbells are 4 bytes apart (CAP.DSTRD = 0). */
    private static final class Registers0 extends RegisterBar {
        private Registers0() {
            super(0x2000);
        }

        @Override
        public int read32(long offset) {
            return 0;
        }

        @Override
        public void write32(long offset, int value) {
            assertThat(offset).isGreaterThanOrEqualTo(0x1008); // an I/O queue's doorbell
        }
    }

    @Test
    void whatAControllerKeepsOfItsAdminQueueOutlivesADriver() {
        try (TestDma dma = new TestDma()) {
            Transfer pages = Transfer.of(dma.allocate(DoorbellBuffers.BYTES)).lasting();
            MemorySegment memory = pages.memory().fill(BEFORE);
            DoorbellBuffers buffers = new DoorbellBuffers(new Registers(new Registers0()));

            buffers.inherit(pages);
            Doorbell submission = buffers.submission(1);
            buffers.completion(1);

            for (int page = 0; page < DoorbellBuffers.BYTES; page += DoorbellBuffers.BYTES / 2) {
                assertThat(memory.get(ValueLayout.JAVA_INT, page)).isEqualTo(memory.get(ValueLayout.JAVA_INT, page + 4))
                        .isEqualTo(BEFORE * 0x01010101);
                assertThat(memory.get(ValueLayout.JAVA_LONG, page + 8)).as("a new queue begins at zero").isZero();
            }
            submission.ring(1);
            assertThat(memory.get(ValueLayout.JAVA_INT, 8)).isEqualTo(1);
        }
    }
}
