package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.QueueOptions;
import org.busbar.block.QueueOptions.Waiting;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;

/**
 * Controller failure, reset, yank and orderly removal, again and again, under 128 requests in flight whose data is
 * verified. {@code -Dbusbar.test.blows=1000} says how often; the default keeps a build short.
 */
class StormTest {

    private static final int BLOWS = Integer.getInteger("busbar.test.blows", 60);
    private static final int DEPTH = 128;
    /** More than are in flight: all that were hit by one blow have completed before the next. */
    private static final int PROGRESS = 3 * DEPTH;

    private static final int BYTES = 4096;
    private static final int BLOCKS = 8;

    @Test
    void L8_requestsEndOnceAndNothingLeaksHoweverOftenTheControllerFailsIsResetPulledOrRemoved() throws Exception {
        int blows = 0;
        long requests = 0;
        for (int binding = 0; blows < BLOWS; binding++) {
            NvmeModel model = Ssd.model(512);
            try (TestSlot slot = new TestSlot(1, model)) {
                slot.probe(Ssd.driver(30_000));
                Waiting waiting = Waiting.values()[binding % 3];
                BlockQueue queue = Ssd.device(slot).openQueue(QueueOptions.depth(DEPTH).withWaiting(waiting));
                Worker worker = new Worker(queue);
                CompletableFuture<Void> end = worker.start();
                worker.awaitProgress(end, slot);
                model.ssd().fatal();
                worker.awaitProgress(end, slot);
                Ssd.controller(slot).reset(Deadline.afterMillis(30_000));
                worker.awaitProgress(end, slot);
                boolean orderly = binding % 2 == 0;
                if (orderly) {
                    slot.remove(RemovalReason.EJECT);
                } else {
                    slot.pull();
                    slot.removeSurprised();
                }
                blows += 3;
                end.get(30, TimeUnit.SECONDS);
                queue.close();

                assertThat(worker.wrongData).as("reads of wrong data").isZero();
                assertThat(worker.endedTwice).as("requests that ended twice").isZero();
                assertThat(worker.ended).as("requests that ended").isEqualTo(worker.accepted);
                assertThat(worker.failed).as("requests that failed otherwise than by the end of the device").isZero();
                if (orderly) {
                    assertThat(worker.gone).as("requests that an orderly removal did not wait for").isZero();
                }
                requests += worker.ended;
                assertThat(slot.inUse()).isFalse();
                assertThat(slot.iommuFaults()).isEmpty();
                assertThat(slot.context().failures()).isEmpty();
            }
        }
        System.out.printf("%d blows, %d requests, each ended once%n", blows, requests);
    }

    /** Keeps a queue full: each place of it writes a stamp to blocks of its own, reads it back, and goes on. */
    private static final class Worker implements BlockQueue.Completion {
        private final BlockQueue queue;
        private final MemorySegment memory;
        private final long[] stamps = new long[DEPTH];
        private final boolean[] reading = new boolean[DEPTH];
        private final boolean[] inFlight = new boolean[DEPTH];
        private final Semaphore progress = new Semaphore(0);
        private long accepted;
        private long ended;
        private long endedTwice;
        private long failed;
        private long gone;
        private long wrongData;

        Worker(BlockQueue queue) throws Exception {
            this.queue = queue;
            this.memory = queue.allocate((long) DEPTH * BYTES);
        }

        CompletableFuture<Void> start() {
            CompletableFuture<Void> end = new CompletableFuture<>();
            Thread.ofPlatform().name("storm worker").start(() -> {
                try {
                    work();
                    end.complete(null);
                } catch (Exception | AssertionError e) {
                    end.completeExceptionally(e);
                }
            });
            return end;
        }

        void awaitProgress(CompletableFuture<Void> end, TestSlot slot) throws Exception {
            progress.drainPermits();
            if (!progress.tryAcquire(PROGRESS, 30, TimeUnit.SECONDS)) {
                end.getNow(null); // says what went wrong, if it has ended
                throw new AssertionError("no progress: " + queue.inFlight() + " in flight of " + accepted + "; "
                        + Ssd.controller(slot).status() + " " + Ssd.controller(slot).recentEvents());
            }
        }

        private void work() throws InterruptedException, DeviceTimeoutException {
            try {
                while (true) {
                    for (int place = 0; place < DEPTH; place++) {
                        if (!inFlight[place] && !begin(place)) {
                            break;
                        }
                    }
                    queue.submit();
                    if (queue.inFlight() > 0) {
                        queue.await(Deadline.afterMillis(30_000));
                    }
                    progress.release(queue.poll(this, DEPTH));
                }
            } catch (DeviceGoneException e) {
                while (queue.poll(this, 7) > 0) {
                    continue;
                }
            }
        }

        private boolean begin(int place) {
            long at = (long) place * BYTES;
            boolean taken;
            if (reading[place]) {
                put(at, -1, -1);
                taken = queue.read((long) place * BLOCKS, BLOCKS, memory, at, place);
            } else {
                put(at, stamps[place] + 1, stamps[place] + 1 ^ place);
                taken = queue.write((long) place * BLOCKS, BLOCKS, memory, at, place);
                if (taken) {
                    stamps[place]++;
                }
            }
            if (taken) {
                inFlight[place] = true;
                accepted++;
            }
            return taken;
        }

        private void put(long at, long first, long last) {
            try {
                memory.set(ValueLayout.JAVA_LONG, at, first);
                memory.set(ValueLayout.JAVA_LONG, at + BYTES - 8, last);
            } catch (IllegalStateException e) {
                throw new DeviceGoneException("the memory went with the device", e);
            }
        }

        @Override
        public void completed(long tag, BlockStatus status) {
            int place = (int) tag;
            ended++;
            if (!inFlight[place]) {
                endedTwice++;
            }
            inFlight[place] = false;
            if (status == BlockStatus.GONE) {
                gone++;
            } else if (status != BlockStatus.OK) {
                failed++;
            } else if (reading[place] && !isRight(place)) {
                wrongData++;
            }
            reading[place] = !reading[place];
        }

        private boolean isRight(int place) {
            try {
                long at = (long) place * BYTES;
                return memory.get(ValueLayout.JAVA_LONG, at) == stamps[place]
                        && memory.get(ValueLayout.JAVA_LONG, at + BYTES - 8) == (stamps[place] ^ place);
            } catch (IllegalStateException e) {
                return true; // it had completed, and its memory went with the device before it was looked at
            }
        }
    }
}
