package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.busbar.block.BlockVector;
import org.busbar.block.QueueOptions;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The data path allocates nothing per request. */
class NoGarbageTest {

    private static final int ROUNDS = 200;
    private static final int REQUESTS = 2_000;
    private static final Deadline NEVER = Deadline.after(Duration.ofDays(1));

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private enum Kind {
        READ,
        DURABLE_WRITE,
        PIECES,
        COMPARE,
        ZEROES,
        DEALLOCATE,
        COPY
    }

    /** What compiled code allocates; until it is compiled the JVM itself does. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void noRequestAllocatesOnceItsCodeIsCompiled(Kind kind) throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            QueueOptions options = QueueOptions.depth(8).withWaiting(QueueOptions.Waiting.POLL);
            try (BlockQueue queue = Ssd.device(slot).openQueue(options)) {
                Preparation preparation = preparation(kind, queue);
                Count count = new Count();
                long least = Long.MAX_VALUE;
                for (int round = 0; round < ROUNDS && least > 0; round++) {
                    long before = threads.getCurrentThreadAllocatedBytes();
                    run(queue, preparation, count);
                    least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                }
                assertThat(count.failed).isZero();
                assertThat(least).as("bytes that %d requests allocate", REQUESTS).isZero();
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    private interface Preparation {
        boolean in(BlockQueue queue, long tag);
    }

    private static final class Count implements BlockQueue.Completion {
        private long ended;
        private long failed;

        @Override
        public void completed(long tag, BlockStatus status) {
            ended++;
            if (status != BlockStatus.OK) {
                failed++;
            }
        }
    }

    private static void run(BlockQueue queue, Preparation preparation, Count count) throws Exception {
        long target = count.ended + REQUESTS;
        while (count.ended < target) {
            while (preparation.in(queue, count.ended)) {
                continue;
            }
            queue.submit();
            queue.await(NEVER);
            queue.poll(count, 8);
        }
    }

    private static Preparation preparation(Kind kind, BlockQueue queue) throws Exception {
        MemorySegment buffer = queue.allocate(65_536);
        BlockVector vector = queue.newVector(4).add(buffer, 512, 1024).add(buffer, 4096, 1024).add(buffer, 9000, 2048);
        List<BlockRange> ranges = List.of(new BlockRange(1, 2), new BlockRange(9, 3));
        return switch (kind) {
            case READ -> (q, tag) -> q.read(tag & 1023, 32, buffer, 512, tag);
            case DURABLE_WRITE -> (q, tag) -> q.write(tag & 1023, 1, buffer, 0, RequestOptions.DURABLE, tag);
            case PIECES -> (q, tag) -> q.read(tag & 1023, 8, vector, RequestOptions.NONE, tag);
            case COMPARE -> (q, tag) -> q.compare(tag & 1023, 1, buffer, 60_000, RequestOptions.NONE, tag);
            case ZEROES -> (q, tag) -> q.writeZeroes(tag & 1023, 1, RequestOptions.SPARSE, tag);
            case DEALLOCATE -> (q, tag) -> q.deallocate(ranges, tag);
            case COPY -> (q, tag) -> q.copy(ranges, 2000, RequestOptions.NONE, tag);
        };
    }
}
