package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Fault;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver against the emulated controller, from start-up to orderly shutdown. */
class NvmeDriverTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static Deadline soon() {
        return Deadline.after(PATIENCE);
    }

    @Test
    void aNamespaceIsPublishedWithWhatItIs() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            assertThat(device.name()).isEqualTo("e000:01:00.0/n1");
            assertThat(device.blockCount()).isEqualTo(Ssd.BLOCKS);
            assertThat(device.blockSize()).isEqualTo(512);
            assertThat(slot.context().properties().getFirst())
                    .containsEntry(BlockDevice.SIZE, 512L * Ssd.BLOCKS)
                    .containsEntry(BlockDevice.SERIAL, "TEST1");
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void whatIsWrittenIsRead(int blockSize) throws Exception {
        try (TestSlot slot = Ssd.plugged(blockSize)) {
            slot.probe(Ssd.driver(30_000));
            BlockDevice device = Ssd.device(slot);
            byte[] data = new byte[blockSize * 700]; // more than one request, and no multiple of one
            new Random(1).nextBytes(data);
            device.write(7, ByteBuffer.wrap(data), soon());
            device.flush(soon());
            ByteBuffer back = ByteBuffer.allocate(data.length);
            device.read(7, back, soon());
            assertThat(back.hasRemaining()).isFalse();
            assertThat(back.array()).isEqualTo(data);
            assertThat(slot.iommuFaults()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aQueueWrapsManyTimesAndCarriesTheRightData() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            try (BlockQueue queue = Ssd.queue(slot, 7)) {
                MemorySegment buffer = queue.allocate(7 * 4096);
                long[] expected = new long[7];
                Tally tally = new Tally();
                for (int round = 0; round < 1_000; round++) {
                    for (int slotNumber = 0; slotNumber < 7; slotNumber++) {
                        expected[slotNumber] = round * 31L + slotNumber;
                        buffer.set(ValueLayout.JAVA_LONG, slotNumber * 4096L, expected[slotNumber]);
                        assertThat(
                                queue.write(slotNumber * 8L, 8, buffer, slotNumber * 4096L, round * 100L + slotNumber))
                                .isTrue();
                    }
                    assertThat(queue.write(0, 1, buffer, 0, -1)).as("an eighth request").isFalse();
                    queue.submit();
                    tally.drain(queue);
                }
                assertThat(tally.count(BlockStatus.OK)).isEqualTo(7_000);
                tally.eachExactlyOnce(7_000);
                for (int slotNumber = 0; slotNumber < 7; slotNumber++) {
                    queue.read(slotNumber * 8L, 8, buffer, slotNumber * 4096L, slotNumber);
                }
                queue.submit();
                new Tally().drain(queue);
                for (int slotNumber = 0; slotNumber < 7; slotNumber++) {
                    assertThat(buffer.get(ValueLayout.JAVA_LONG, slotNumber * 4096L)).isEqualTo(expected[slotNumber]);
                }
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void largeTransfersAtOddOffsetsUsePrpLists() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            int blocks = device.maxBlocksPerRequest();
            try (BlockQueue queue = device.openQueue(2)) {
                MemorySegment buffer = queue.allocate(blocks * 512L + 8192);
                for (long offset : new long[] {0, 4, 512, 4092, 4096, 5000}) {
                    byte[] data = new byte[blocks * 512];
                    new Random(offset).nextBytes(data);
                    MemorySegment.copy(data, 0, buffer, ValueLayout.JAVA_BYTE, offset, data.length);
                    queue.write(0, blocks, buffer, offset, 1);
                    queue.submit();
                    new Tally().drain(queue);
                    buffer.fill((byte) 0);
                    queue.read(0, blocks, buffer, offset, 2);
                    queue.submit();
                    assertThat(new Tally().drain(queue).count(BlockStatus.OK)).isEqualTo(1);
                    assertThat(buffer.asSlice(offset, data.length).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(data);
                }
            }
            assertThat(slot.iommuFaults()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void queuesAreGrantedUpToALimitAndComeBackWhenClosed() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            for (int round = 0; round < 3; round++) {
                BlockQueue[] queues = new BlockQueue[7]; // of 8, one is the driver's own
                for (int i = 0; i < queues.length; i++) {
                    queues[i] = Ssd.queue(slot, 4);
                }
                assertThatExceptionOfType(BlockIOException.class)
                        .isThrownBy(() -> Ssd.queue(slot, 4))
                        .withMessageContaining("close one first");
                for (BlockQueue queue : queues) {
                    queue.close();
                }
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void badArgumentsSayWhatIsAllowed() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.read(Ssd.BLOCKS - 1, ByteBuffer.allocate(1024), soon()))
                    .withMessageContaining("0 to " + (Ssd.BLOCKS - 1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.read(0, ByteBuffer.allocate(100), soon()))
                    .withMessageContaining("512");
            assertThatIllegalArgumentException().isThrownBy(() -> device.openQueue(0)).withMessageContaining("1 to ");
            try (BlockQueue queue = device.openQueue(2)) {
                MemorySegment buffer = queue.allocate(4096);
                assertThatIllegalArgumentException().isThrownBy(() -> queue.read(0, 9, buffer, 0, 1));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> queue.read(0, 1, MemorySegment.ofArray(new byte[512]), 0, 1));
                assertThat(queue.inFlight()).isZero();
            }
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aMediaErrorIsReportedAsOneWithTheDevicesStatus() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            slot.faults(new Fault.ErrorStatus(1, 0x281));
            assertThatExceptionOfType(BlockIOException.class)
                    .isThrownBy(() -> Ssd.device(slot).read(0, ByteBuffer.allocate(512), soon()))
                    .satisfies(e -> assertThat(e.status()).isEqualTo(BlockStatus.MEDIA_ERROR))
                    .satisfies(e -> assertThat(e.deviceStatus()).isEqualTo(0x281));
            slot.faults();
            Ssd.device(slot).read(0, ByteBuffer.allocate(512), soon());
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void L5_aControllerThatNeverBecomesReadyFailsItsProbeByName() throws Exception {
        try (TestSlot slot = Ssd.plugged()) {
            slot.faults(new Fault.StuckReset());
            assertThatExceptionOfType(ProbeException.class)
                    .isThrownBy(() -> slot.probe(Ssd.driver(1_000)))
                    .withMessageContaining("ENABLE")
                    .withMessageContaining("CSTS.RDY = 1");
            slot.context().release();
            assertThat(slot.inUse()).isFalse();
        }
    }

    @Test
    void L6_afterRemovalNothingOfTheBindingIsLeft() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockQueue left = Ssd.queue(slot, 4); // never closed by its owner
            slot.remove(RemovalReason.DRIVER_LEFT);
            assertThat(slot.inUse()).isFalse();
            assertThat(left.poll(new Tally(), 4)).isZero();
            left.close();
        }
    }

    @Test
    void L6_aQueueThatIsClosedWithARequestUnansweredIsDeletedAndItsNumberIsFreeAgain() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            slot.faults(new Fault.LostCompletion(1));
            BlockQueue queue = Ssd.queue(slot, 4);
            queue.read(0, 8, queue.allocate(4096), 0, 1);
            queue.submit();
            queue.close();
            slot.faults();
            BlockQueue[] again = new BlockQueue[7];
            for (int i = 0; i < again.length; i++) {
                again[i] = Ssd.queue(slot, 4);
            }
            for (BlockQueue each : again) {
                each.close();
            }
            assertThat(slot.context().failures()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aClosedQueueTouchesNothingAnyMore() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockQueue queue = Ssd.queue(slot, 4);
            queue.close();
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> queue.poll(new Tally(), 1))
                    .withMessageContaining("closed");
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(queue::submit);
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> queue.flush(1));
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void aCardThatIsGoneDuringItsProbeFailsItAndIsNotDeclined() throws Exception {
        try (TestSlot slot = Ssd.plugged()) {
            slot.pull();
            assertThatExceptionOfType(Exception.class)
                    .isThrownBy(() -> slot.probe(Ssd.driver(1_000)))
                    .isNotInstanceOf(org.busbar.device.ProbeDeclinedException.class);
            slot.context().release();
        }
    }
}
