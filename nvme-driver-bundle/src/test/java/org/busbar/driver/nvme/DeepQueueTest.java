package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.nvme.NvmeController;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues as deep as the controller allows (CAP.MQES). */
class DeepQueueTest {

    private static final int BYTES = 512;
    /** More than there are generations of an identifier, in the deepest queue. */
    private static final int ROUNDS = 20;

    /** One request per block and round; whose data and end are looked at. */
    private static final class Load implements BlockQueue.Completion {

        private final BlockQueue queue;
        private final int depth;
        private final MemorySegment memory;
        private final BitSet inFlight = new BitSet();
        private int ended;

        Load(BlockQueue queue, int depth) throws Exception {
            this.queue = queue;
            this.depth = depth;
            this.memory = queue.allocate((long) depth * BYTES);
        }

        @Override
        public void completed(long tag, BlockStatus status) {
            assertThat(status).isEqualTo(BlockStatus.OK);
            assertThat(inFlight.get((int) tag)).as("request %d is in flight", tag).isTrue();
            inFlight.clear((int) tag);
            ended++;
        }

        void begin(int round, boolean write) {
            ended = 0;
            Deadline deadline = Deadline.afterMillis(60_000);
            for (int tag = 0; tag < depth; tag++) {
                long at = (long) tag * BYTES;
                memory.set(ValueLayout.JAVA_LONG, at, write ? stamp(round, tag) : -1);
                memory.set(ValueLayout.JAVA_LONG, at + BYTES - 8, write ? ~stamp(round, tag) : -1);
                inFlight.set(tag);
                while (!prepare(tag, at, write)) { // there is no room during a reset
                    assertThat(deadline.expired()).as("timed out waiting for room").isFalse();
                    queue.poll(this, depth);
                }
            }
            queue.submit();
        }

        private boolean prepare(int tag, long at, boolean write) {
            return write ? queue.write(block(tag), 1, memory, at, tag) : queue.read(block(tag), 1, memory, at, tag);
        }

        void end() throws Exception {
            Deadline deadline = Deadline.afterMillis(60_000);
            while (ended < depth) {
                queue.await(deadline);
                queue.poll(this, depth);
            }
            assertThat(inFlight.isEmpty()).isTrue();
            assertThat(queue.inFlight()).isZero();
        }

        void check(int round) {
            for (int tag = 0; tag < depth; tag++) {
                long at = (long) tag * BYTES;
                assertThat(memory.get(ValueLayout.JAVA_LONG, at)).isEqualTo(stamp(round, tag));
                assertThat(memory.get(ValueLayout.JAVA_LONG, at + BYTES - 8)).isEqualTo(~stamp(round, tag));
            }
        }

        /** Not in order. */
        private static long block(int tag) {
            return tag * 7L % Ssd.BLOCKS;
        }

        private static long stamp(int round, int tag) {
            return (long) round << 32 | tag;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_023, 4_095})
    void everyRequestOfADeepQueueEndsOnceAndHasItsOwnData(int depth) throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            try (BlockQueue queue = Ssd.queue(slot, depth)) {
                Load load = new Load(queue, depth);
                for (int round = 0; round < ROUNDS; round++) {
                    load.begin(round, true);
                    assertThat(queue.read(0, 1, load.memory, 0, 0)).as("one more than it is deep").isFalse();
                    load.end();
                    load.begin(round, false);
                    load.end();
                    load.check(round);
                }
            }
            assertThat(Ssd.controller(slot).status().strayCompletions()).isZero();
            assertThat(slot.iommuFaults()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void L8_aResetUnderAFullQueueOfTheGreatestDepthCostsNoRequestAndNoData() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            try (BlockQueue queue = Ssd.queue(slot, 4_095)) {
                Load load = new Load(queue, 4_095);
                for (int round = 0; round < 3; round++) {
                    load.begin(round, true);
                    controller.reset(Deadline.afterMillis(20_000));
                    load.end();
                    load.begin(round, false);
                    model.ssd().fatal();
                    load.end();
                    load.check(round);
                }
            }
            assertThat(controller.status().resets()).isGreaterThanOrEqualTo(3);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void oneDeeperThanTheControllerAllowsIsRefusedAndTheMessageSaysWhatIsAllowed() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Ssd.queue(slot, 4_096))
                    .withMessageContaining("1 to 4095 deep");
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void theListsOfACommandTakeNoMoreThanAPageHoweverMuchItMoves() {
        assertThat(PrpLists.listBytes(4_096)).isEqualTo(64);
        assertThat(PrpLists.listBytes(128 << 10)).isEqualTo(512);
        assertThat(PrpLists.listBytes(1 << 20)).isEqualTo(4_096);
    }
}
