package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Fault;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The card is yanked. */
class SurpriseTest {

    @RepeatedTest(50)
    void L8_everyRequestInFlightEndsExactlyOnce() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockQueue queue = Ssd.queue(slot, 32);
            MemorySegment buffer = queue.allocate(32 * 4096);
            Tally tally = new Tally();
            CountDownLatch busy = new CountDownLatch(200);
            CompletableFuture<Long> owner = CompletableFuture.supplyAsync(() -> hammer(queue, buffer, tally, busy));
            assertThat(busy.await(20, TimeUnit.SECONDS)).isTrue();
            slot.pull();
            slot.removeSurprised();
            long requests = owner.orTimeout(20, TimeUnit.SECONDS).join();
            tally.eachExactlyOnce(requests);
            assertThat(tally.count(BlockStatus.OK) + tally.count(BlockStatus.GONE)).isEqualTo((int) requests);
            queue.close();
            assertThat(slot.iommuFaults()).isEmpty();
        }
    }

    /** Keeps a queue full until the device is gone, then takes what is left. Returns how many requests were accepted. */
    private static long hammer(BlockQueue queue, MemorySegment buffer, Tally tally, CountDownLatch busy) {
        long tag = 0;
        try {
            while (true) {
                while (queue.read(tag % 1024, 8, buffer, tag % 32 * 4096, tag)) {
                    tag++;
                    busy.countDown();
                }
                queue.submit();
                queue.poll(tally, 32);
            }
        } catch (DeviceGoneException gone) {
            while (queue.poll(tally, 5) > 0) {
                assertThat(queue.inFlight()).isNotNegative();
            }
            return tag;
        }
    }

    @Test
    void L8_aThreadThatWaitsForTheDeviceIsWokenWhenItGoes() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            slot.faults(new Fault.LostCompletion(1));
            BlockDevice device = Ssd.device(slot);
            CountDownLatch started = new CountDownLatch(1);
            CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> {
                started.countDown();
                try {
                    device.read(0, ByteBuffer.allocate(512), Deadline.afterMillis(60_000));
                } catch (java.io.IOException | InterruptedException e) {
                    throw new CompletionException(e);
                }
            });
            assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
            slot.pull();
            slot.removeSurprised();
            assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
                    .isThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
                    .withCauseInstanceOf(DeviceGoneException.class);
        }
    }

    @Test
    void L8_aDriverThatPollsNoticesByItselfThatNobodyAnswers() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockQueue queue = Ssd.queue(slot, 4);
            MemorySegment buffer = queue.allocate(4096);
            slot.pull();
            queue.read(0, 8, buffer, 0, 1);
            queue.submit();
            Tally tally = new Tally();
            Deadline deadline = Deadline.afterMillis(20_000);
            while (slot.context().suspicions() == 0 && !deadline.expired()) {
                assertThat(queue.poll(tally, 4)).isZero();
            }
            assertThat(slot.context().suspicions()).isPositive();
            slot.removeSurprised();
            tally.drain(queue).eachExactlyOnce(1);
            assertThat(tally.count(BlockStatus.GONE)).isEqualTo(1);
        }
    }

    @Test
    void L8_afterwardsEveryCallSaysThatTheDeviceIsGone() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            BlockQueue queue = Ssd.queue(slot, 4);
            MemorySegment buffer = queue.allocate(4096);
            slot.pull();
            slot.removeSurprised();
            Deadline soon = Deadline.afterMillis(5_000);
            assertThatExceptionOfType(DeviceGoneException.class)
                    .isThrownBy(() -> device.read(0, ByteBuffer.allocate(512), soon));
            assertThatExceptionOfType(DeviceGoneException.class).isThrownBy(() -> device.flush(soon));
            assertThatExceptionOfType(DeviceGoneException.class).isThrownBy(() -> device.openQueue(4));
            assertThatExceptionOfType(DeviceGoneException.class).isThrownBy(() -> queue.read(0, 1, buffer, 0, 1));
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> buffer.fill((byte) 0));
            queue.close();
        }
    }

    @Test
    void L8_surpriseOvertakesAnOrderlyRemoval() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            slot.faults(new Fault.LostCompletion(1));
            BlockQueue queue = Ssd.queue(slot, 4);
            queue.read(0, 8, queue.allocate(4096), 0, 1);
            queue.submit();
            CompletableFuture<Void> orderly = CompletableFuture.runAsync(() -> {
                try {
                    slot.remove(RemovalReason.EJECT);
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            });
            slot.pull();
            slot.context().revoke();
            assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
                    .isThrownBy(() -> orderly.get(4, TimeUnit.SECONDS))
                    .withCauseInstanceOf(DeviceGoneException.class);
            slot.removeSurprised();
            new Tally().drain(queue).eachExactlyOnce(1);
        }
    }
}
