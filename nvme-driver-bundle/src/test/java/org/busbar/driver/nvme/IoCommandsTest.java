package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.busbar.block.BlockVector;
import org.busbar.block.QueueOptions;
import org.busbar.block.RequestOptions;
import org.busbar.block.io.BlockChannel;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Fault;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands of the NVM command set besides plain reads and writes, by threads that block and by queues. */
class IoCommandsTest {

    private static final RequestOptions PLAIN = RequestOptions.NONE;

    private static Deadline soon() {
        return Deadline.after(Duration.ofSeconds(20));
    }

    private static byte[] random(int bytes, long seed) {
        byte[] data = new byte[bytes];
        new Random(seed).nextBytes(data);
        return data;
    }

    private static byte[] read(BlockDevice device, long block, int blocks) throws Exception {
        ByteBuffer back = ByteBuffer.allocate(blocks * device.blockSize());
        device.read(block, back, soon());
        return back.array();
    }

    @Test
    void writesThatAreDurableAtOnceArriveAndTheDeviceSaysThatItCan() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            assertThat(device.features().has(BlockFeature.FORCE_UNIT_ACCESS)).isTrue();
            byte[] data = random(1024, 1);
            device.write(9, ByteBuffer.wrap(data), RequestOptions.DURABLE, soon());
            assertThat(read(device, 9, 2)).isEqualTo(data);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void compareSaysWhetherBlocksAreWhatTheyShouldBe() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            byte[] data = random(512 * 300, 2);
            device.write(3, ByteBuffer.wrap(data), soon());
            device.compare(3, ByteBuffer.wrap(data), PLAIN, soon());
            data[512 * 299 + 5]++;
            assertThatExceptionOfType(BlockIOException.class)
                    .isThrownBy(() -> device.compare(3, ByteBuffer.wrap(data), PLAIN, soon()))
                    .withMessageContaining("comparison of 44 blocks at 259")
                    .withMessageContaining("SCT 2, SC 0x85")
                    .satisfies(e -> assertThat(e.status()).isEqualTo(BlockStatus.COMPARE_MISMATCH))
                    .satisfies(e -> assertThat(e.deviceStatus()).isEqualTo(0x285));
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void zeroesAndDeallocatedBlocksReadAsZeroesAndTheirNeighboursStay() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            byte[] data = random(512 * 1000, 3);
            device.write(0, ByteBuffer.wrap(data), soon());
            device.writeZeroes(1, 10, PLAIN, soon());
            List<BlockRange> ranges = new ArrayList<>();
            for (int block = 100; block < 900; block += 2) {
                ranges.add(new BlockRange(block, 1)); // more than one command may name
            }
            assertThat(ranges).hasSizeGreaterThan(device.features().maxRangesPerRequest());
            device.deallocate(ranges, soon());
            byte[] expected = data.clone();
            java.util.Arrays.fill(expected, 512, 11 * 512, (byte) 0);
            for (BlockRange range : ranges) {
                int at = (int) range.first() * 512;
                java.util.Arrays.fill(expected, at, at + 512, (byte) 0);
            }
            assertThat(read(device, 0, 1000)).isEqualTo(expected);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void everyKindOfRequestCanBePreparedAndCompletesWithTheDevicesStatus() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            try (BlockQueue queue = device.openQueue(16)) {
                MemorySegment buffer = queue.allocate(8192);
                buffer.fill((byte) 7);
                Tally tally = new Tally();
                assertThat(queue.write(0, 8, buffer, 0, RequestOptions.DURABLE, 1)).isTrue();
                queue.submit();
                tally.drain(queue);
                assertThat(queue.compare(0, 8, buffer, 4096, PLAIN, 2)).isTrue();
                assertThat(queue.compare(8, 8, buffer, 4096, PLAIN, 3)).isTrue();
                queue.submit();
                tally.drain(queue);
                assertThat(queue.writeZeroes(2, 2, RequestOptions.SPARSE, 4)).isTrue();
                assertThat(queue.deallocate(List.of(new BlockRange(6, 1), new BlockRange(7, 1)), 5)).isTrue();
                assertThat(queue.flush(6)).isTrue();
                queue.submit();
                tally.drain(queue);
                tally.eachExactlyOnce(6);
                assertThat(tally.statusByTag).containsEntry(3L, 0x285).containsEntry(2L, 0).containsEntry(5L, 0);
                assertThat(tally.count(BlockStatus.COMPARE_MISMATCH)).isEqualTo(1);
            }
            byte[] back = read(device, 0, 8);
            for (int block = 0; block < 8; block++) {
                boolean zero = block == 2 || block == 3 || block >= 6;
                assertThat(back[block * 512 + 17]).as("block %d", block).isEqualTo((byte) (zero ? 0 : 7));
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void piecesOfMemoryAreReadAndWrittenInOrder() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            try (BlockQueue queue = device.openQueue(4)) {
                MemorySegment first = queue.allocate(16 * 4096);
                MemorySegment second = queue.allocate(16 * 4096);
                byte[] data = random(9 * 4096, 5);
                BlockVector vector = queue.newVector(16);
                // 3 KiB to the end of a page, whole pages in two buffers and in no order, and the beginning of a page
                long[][] pieces = {{0, 4096 + 1024, 3072}, {1, 8192, 8192}, {0, 12 * 4096, 4096}, {1, 0, 4096},
                    {0, 0, 4096}, {1, 5 * 4096, 3 * 4096}, {0, 9 * 4096, 1024}};
                int at = 0;
                for (long[] piece : pieces) {
                    MemorySegment buffer = piece[0] == 0 ? first : second;
                    MemorySegment.copy(data, at, buffer, ValueLayout.JAVA_BYTE, piece[1], (int) piece[2]);
                    vector.add(buffer, piece[1], piece[2]);
                    at += (int) piece[2];
                }
                assertThat(vector.bytes()).isEqualTo(data.length);
                Tally tally = new Tally();
                assertThat(queue.write(40, 72, vector, PLAIN, 1)).isTrue();
                queue.submit();
                tally.drain(queue);
                assertThat(read(device, 40, 72)).isEqualTo(data);
                first.fill((byte) 0);
                second.fill((byte) 0);
                assertThat(queue.read(40, 72, vector, PLAIN, 2)).isTrue();
                queue.submit();
                tally.drain(queue);
                assertThat(tally.count(BlockStatus.OK)).isEqualTo(2);
                byte[] back = new byte[data.length];
                at = 0;
                for (long[] piece : pieces) {
                    MemorySegment buffer = piece[0] == 0 ? first : second;
                    MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, piece[1], back, at, (int) piece[2]);
                    at += (int) piece[2];
                }
                assertThat(back).isEqualTo(data);
            }
            assertThat(slot.iommuFaults()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void badVectorsSayWhatIsWrong() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            try (BlockQueue queue = device.openQueue(4); BlockQueue other = device.openQueue(4)) {
                MemorySegment buffer = queue.allocate(8192);
                BlockVector vector = queue.newVector(1).add(buffer, 0, 512);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> queue.write(0, 2, vector, PLAIN, 1))
                        .withMessageContaining("1024 bytes");
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> other.write(0, 1, vector, PLAIN, 1))
                        .withMessageContaining("not one of this queue");
                assertThatIllegalArgumentException().isThrownBy(() -> vector.add(buffer, 0, 3));
                assertThatIllegalArgumentException().isThrownBy(() -> vector.add(buffer, 8192, 4));
                assertThatExceptionOfType(IllegalStateException.class)
                        .isThrownBy(() -> vector.add(buffer, 4096, 512))
                        .withMessageContaining("made for 1");
                assertThatIllegalArgumentException().isThrownBy(() -> queue.newVector(5000));
                assertThat(queue.inFlight()).isZero();
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aChannelOverANamespaceTakesBytesOfAnyRange() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            byte[] data = random(300_001, 7);
            try (BlockChannel channel = BlockChannel.open(Ssd.device(slot))) {
                channel.position(12_345);
                assertThat(channel.write(ByteBuffer.wrap(data))).isEqualTo(data.length);
                channel.force();
                ByteBuffer back = ByteBuffer.allocate(data.length);
                assertThat(channel.read(back, 12_345)).isEqualTo(data.length);
                assertThat(back.array()).isEqualTo(data);
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @ParameterizedTest
    @EnumSource(QueueOptions.Waiting.class)
    void everyWayOfWaitingSeesEveryCompletion(QueueOptions.Waiting waiting) throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            try (BlockQueue queue = Ssd.device(slot).openQueue(QueueOptions.depth(3).withWaiting(waiting))) {
                MemorySegment buffer = queue.allocate(4096);
                Tally tally = new Tally();
                for (int tag = 0; tag < 2_000; tag++) {
                    assertThat(queue.read(tag % 100, 8, buffer, 0, tag)).isTrue();
                    queue.submit();
                    queue.await(soon());
                    assertThat(queue.poll(tally, 4)).isEqualTo(1);
                }
                tally.eachExactlyOnce(2_000);
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @ParameterizedTest
    @EnumSource(QueueOptions.Waiting.class)
    void L5_aWaitEndsWithItsDeadlineWhateverTheDeviceDoes(QueueOptions.Waiting waiting) throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            slot.faults(new Fault.LostCompletion(1));
            BlockQueue queue = Ssd.device(slot).openQueue(QueueOptions.depth(3).withWaiting(waiting));
            queue.read(0, 8, queue.allocate(4096), 0, 1);
            queue.submit();
            assertThatExceptionOfType(org.busbar.device.DeviceTimeoutException.class)
                    .isThrownBy(() -> queue.await(Deadline.afterMillis(60)))
                    .withMessageContaining("1 requests in flight");
            slot.removeSurprised();
            queue.close();
        }
    }
}
