package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;

/**
 * Keeps a queue full of writes and of reads that look at what was written: each place of the queue has blocks of its own,
 * writes a stamp, reads it back, and goes on with the next. For one thread, but for {@link #stop} and the counts.
 */
final class Stamper implements BlockQueue.Completion {

    private static final int BYTES = 4096;
    private static final int BLOCKS = 8;

    private final BlockQueue queue;
    private final int places;
    private final MemorySegment memory;
    private final long[] stamps;
    private final boolean[] reading;
    private final boolean[] inFlight;
    private volatile boolean stopped;
    private volatile long completed;
    private long failed;
    private long wrongData;
    private long completedTwice;

    Stamper(BlockQueue queue, int places) throws Exception {
        this.queue = queue;
        this.places = places;
        this.memory = queue.allocate((long) places * BYTES);
        this.stamps = new long[places];
        this.reading = new boolean[places];
        this.inFlight = new boolean[places];
    }

    void stop() {
        stopped = true;
    }

    long completed() {
        return completed;
    }

    long failed() {
        return failed;
    }

    long wrongData() {
        return wrongData;
    }

    long completedTwice() {
        return completedTwice;
    }

    void runUntilStopped(CompletableFuture<Stamper> done) {
        try {
            while (!stopped) {
                for (int place = 0; place < places; place++) {
                    if (!inFlight[place] && !begin(place)) {
                        break;
                    }
                }
                queue.submit();
                queue.poll(this, places);
            }
            while (queue.inFlight() > 0) {
                queue.submit();
                queue.poll(this, places);
            }
            done.complete(this);
        } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
        }
    }

    private boolean begin(int place) {
        long at = (long) place * BYTES;
        long block = (long) place * BLOCKS;
        boolean accepted;
        if (reading[place]) {
            memory.set(ValueLayout.JAVA_LONG, at, -1);
            memory.set(ValueLayout.JAVA_LONG, at + BYTES - 8, -1);
            accepted = queue.read(block, BLOCKS, memory, at, place);
        } else {
            long stamp = stamps[place] + 1;
            memory.set(ValueLayout.JAVA_LONG, at, stamp);
            memory.set(ValueLayout.JAVA_LONG, at + BYTES - 8, stamp ^ place);
            accepted = queue.write(block, BLOCKS, memory, at, place);
            if (accepted) {
                stamps[place] = stamp;
            }
        }
        inFlight[place] = accepted;
        return accepted;
    }

    @Override
    public void completed(long tag, BlockStatus status) {
        int place = (int) tag;
        if (!inFlight[place]) {
            completedTwice++;
        }
        inFlight[place] = false;
        if (status != BlockStatus.OK) {
            failed++;
        } else if (reading[place]) {
            long at = (long) place * BYTES;
            if (memory.get(ValueLayout.JAVA_LONG, at) != stamps[place]
                    || memory.get(ValueLayout.JAVA_LONG, at + BYTES - 8) != (stamps[place] ^ place)) {
                wrongData++;
            }
        }
        reading[place] = !reading[place];
        completed = completed + 1;
    }
}
