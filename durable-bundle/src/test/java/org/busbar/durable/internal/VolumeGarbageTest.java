package org.busbar.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.junit.jupiter.api.Test;

/** The data path allocates nothing. */
final class VolumeGarbageTest {

    private static final int ROUNDS = 20_000;
    private static final int DEPTH = 8;

    /** Completes everything at the next poll, and allocates nothing. */
    private static final class InstantQueue implements BlockQueue {
        private final long[] tags = new long[DEPTH];
        private int count;

        @Override
        public int depth() {
            return DEPTH;
        }

        @Override
        public int inFlight() {
            return count;
        }

        @Override
        public MemorySegment allocate(long bytes) {
            return Arena.ofAuto().allocate(bytes);
        }

        @Override
        public void map(MemorySegment memory, Runnable unreachable) {
            // Nothing reaches it.
        }

        private boolean take(long tag) {
            if (count == DEPTH) {
                return false;
            }
            tags[count++] = tag;
            return true;
        }

        @Override
        public boolean read(long block, int blocks, MemorySegment buffer, long offset, long tag) {
            return take(tag);
        }

        @Override
        public boolean write(long block, int blocks, MemorySegment buffer, long offset, long tag) {
            return take(tag);
        }

        @Override
        public boolean flush(long tag) {
            return take(tag);
        }

        @Override
        public void submit() {
            // Done at the next poll.
        }

        @Override
        public int poll(Completion completion, int max) {
            int done = Math.min(count, max);
            for (int i = 0; i < done; i++) {
                completion.completed(tags[--count], BlockStatus.OK, 0);
            }
            return done;
        }

        @Override
        public void await(Deadline deadline) {
            // There is always something.
        }

        @Override
        public void close() {
            // Nothing to give back.
        }
    }

    /** An instant device. */
    private static final class InstantDevice extends FakeDevice {

        InstantDevice() {
            super("instant", new FakeMedium(16), EnumSet.allOf(BlockFeature.class));
        }

        @Override
        public BlockQueue openQueue(QueueOptions options) throws BlockIOException {
            return new InstantQueue();
        }
    }

    private long ended;

    @Test
    void nothingIsAllocatedPerRequest() throws BlockIOException {
        Bench bench = new Bench();
        bench.come(new InstantDevice(), "1#1");
        try (BlockQueue queue = bench.volume().openQueue(DEPTH)) {
            MemorySegment memory = queue.allocate(4096);
            BlockQueue.Completion completion = (tag, status) -> ended++;
            run(queue, memory, completion);
            run(queue, memory, completion);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            run(queue, memory, completion);
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(ended).isEqualTo(3L * ROUNDS * DEPTH);
            assertThat(bytes).as("bytes for %d requests", ROUNDS * DEPTH).isLessThan(ROUNDS);
        }
    }

    private static void run(BlockQueue queue, MemorySegment memory, BlockQueue.Completion completion) {
        for (int round = 0; round < ROUNDS; round++) {
            for (int tag = 0; tag < DEPTH; tag++) {
                boolean taken = switch (tag % 4) {
                    case 0 -> queue.flush(tag);
                    case 1, 2 -> queue.write(1, 1, memory, 0, tag);
                    default -> queue.read(1, 1, memory, 0, tag);
                };
                if (!taken) {
                    throw new AssertionError("no room");
                }
            }
            queue.submit();
            queue.poll(completion, DEPTH);
        }
    }
}
