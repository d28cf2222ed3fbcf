package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.busbar.block.BlockVector;
import org.busbar.block.QueueOptions;
import org.busbar.block.QueueOptions.Waiting;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Card;
import org.busbar.emulator.NvmeNamespace;
import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The data path allocates nothing per request, however its owner waits. */
class NoGarbageTest {

    /** Until its code is compiled the JVM itself allocates: so many rounds may pass before one that does not. */
    private static final int MOST_WARM_UPS = 600;

    private static final int ROUNDS = 21;
    private static final Deadline NEVER = Deadline.after(Duration.ofDays(1));

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private enum Kind {
        READ,
        WRITE,
        DURABLE_WRITE,
        FLUSH,
        PIECES,
        METADATA,
        COMPARE,
        ZEROES,
        VERIFY,
        DEALLOCATE,
        COPY
    }

    static Stream<Arguments> cases() {
        Stream<Arguments> polled = Arrays.stream(Kind.values()).map(kind -> Arguments.of(kind, Waiting.POLL, 8, 1_000));
        Stream<Arguments> waited = Stream.of(Waiting.INTERRUPT, Waiting.ADAPTIVE)
                .flatMap(waiting -> Stream.of(
                        Arguments.of(Kind.READ, waiting, 1, 200),
                        Arguments.of(Kind.WRITE, waiting, 1, 200),
                        Arguments.of(Kind.READ, waiting, 8, 800)));
        return Stream.concat(polled, waited);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void noRequestAllocatesOnceItsCodeIsCompiled(Kind kind, Waiting waiting, int depth, int requests)
            throws Exception {
        try (TestSlot slot = kind == Kind.METADATA ? withMetadata() : Ssd.bound()) {
            QueueOptions options = QueueOptions.depth(depth).withWaiting(waiting);
            try (BlockQueue queue = Ssd.device(slot).openQueue(options)) {
                Preparation preparation = preparation(kind, queue);
                Count count = new Count();
                for (int i = 0; i < MOST_WARM_UPS && allocated(queue, preparation, count, requests) > 0; i++) {
                    continue;
                }
                long[] bytes = new long[ROUNDS];
                for (int round = 0; round < ROUNDS; round++) {
                    bytes[round] = allocated(queue, preparation, count, requests);
                }
                Arrays.sort(bytes);
                assertThat(count.failed).isZero();
                assertThat(bytes[ROUNDS / 2]).as("bytes that %d requests allocate, the median", requests).isZero();
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    private static TestSlot withMetadata() throws Exception {
        NvmeNamespace namespace = NvmeNamespace.of(Ssd.BLOCKS, 512).with(8, false, 0);
        TestSlot slot =
                new TestSlot(1, new NvmeModel(new Card.Nvme("TEST1", List.of(namespace), NvmeOptions.DEFAULT)));
        slot.probe(Ssd.driver(30_000));
        return slot;
    }

    private long allocated(BlockQueue queue, Preparation preparation, Count count, int requests) throws Exception {
        long before = threads.getCurrentThreadAllocatedBytes();
        run(queue, preparation, count, requests);
        return threads.getCurrentThreadAllocatedBytes() - before;
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

    private static void run(BlockQueue queue, Preparation preparation, Count count, int requests) throws Exception {
        long target = count.ended + requests;
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
        BlockVector tagged = queue.newVector(1).add(buffer, 0, 4096).metadata(buffer, 8192);
        List<BlockRange> ranges = List.of(new BlockRange(1, 2), new BlockRange(9, 3));
        return switch (kind) {
            case READ -> (q, tag) -> q.read(tag & 1023, 32, buffer, 512, tag);
            case WRITE -> (q, tag) -> q.write(tag & 1023, 8, buffer, 0, tag);
            case FLUSH -> (q, tag) -> q.flush(tag);
            case METADATA -> (q, tag) -> q.write(tag & 1023, 8, tagged, RequestOptions.NONE, tag);
            case VERIFY -> (q, tag) -> q.verify(tag & 1023, 8, RequestOptions.NONE, tag);
            case DURABLE_WRITE -> (q, tag) -> q.write(tag & 1023, 1, buffer, 0, RequestOptions.DURABLE, tag);
            case PIECES -> (q, tag) -> q.read(tag & 1023, 8, vector, RequestOptions.NONE, tag);
            case COMPARE -> (q, tag) -> q.compare(tag & 1023, 1, buffer, 60_000, RequestOptions.NONE, tag);
            case ZEROES -> (q, tag) -> q.writeZeroes(tag & 1023, 1, RequestOptions.SPARSE, tag);
            case DEALLOCATE -> (q, tag) -> q.deallocate(ranges, tag);
            case COPY -> (q, tag) -> q.copy(ranges, 2000, RequestOptions.NONE, tag);
        };
    }
}
