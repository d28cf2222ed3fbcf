package org.busbar.shell.internal.demo;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;

/** Reads that keep a device's queue full until the device goes; counts how each of them ends. */
final class Traffic implements Callable<Traffic.Outcome> {

    static final int DEPTH = 32;
    private static final int WARM = 2_000;
    private static final int MOST = 4_000_000;

    /**
     * How the requests ended.
     *
     * @param accepted how many the queue took
     * @param done how many ended well
     * @param gone how many ended because the device had gone
     * @param otherwise how many ended in another way
     * @param twice how many ended more than once
     * @param last when the last one ended, by {@link System#nanoTime}
     */
    record Outcome(long accepted, long done, long gone, long otherwise, long twice, long last) {
        boolean eachOnce() {
            return twice == 0 && accepted == done + gone + otherwise;
        }

        /** Returns how long after a moment the last one ended, nothing if that was before. */
        Duration lastAfter(long moment) {
            return Duration.ofNanos(Math.max(0, last - moment));
        }
    }

    private final BlockDevice device;
    private final CountDownLatch flowing = new CountDownLatch(WARM);
    private final boolean[] ended = new boolean[MOST];
    private int accepted;
    private long done;
    private long gone;
    private long otherwise;
    private long twice;
    private long last;

    Traffic(BlockDevice device) {
        this.device = device;
    }

    /** Counts down to zero when requests have been flowing for a while. */
    CountDownLatch flowing() {
        return flowing;
    }

    @Override
    public Outcome call() throws IOException, InterruptedException, DeviceTimeoutException {
        Deadline deadline = Stage.deadline();
        try (BlockQueue queue = device.openQueue(DEPTH)) {
            MemorySegment buffer = queue.allocate((long) DEPTH * device.blockSize());
            while (gone == 0 && accepted < MOST - DEPTH && !deadline.expired() && fill(queue, buffer)) {
                queue.poll(this::completed, DEPTH);
            }
            while (queue.inFlight() > 0) {
                queue.await(deadline);
                queue.poll(this::completed, DEPTH);
            }
        }
        return new Outcome(accepted, done, gone, otherwise, twice, last);
    }

    /** Fills the queue, and returns whether the device is still there to take more. */
    private boolean fill(BlockQueue queue, MemorySegment buffer) {
        try {
            while (queue.read(accepted % device.blockCount(), 1, buffer, place(), accepted)) {
                accepted++;
            }
            queue.submit();
            return true;
        } catch (DeviceGoneException e) {
            return false;
        }
    }

    private long place() {
        return (long) (accepted % DEPTH) * device.blockSize();
    }

    private void completed(long tag, BlockStatus status) {
        int request = Math.toIntExact(tag);
        twice += ended[request] ? 1 : 0;
        ended[request] = true;
        switch (status) {
            case OK -> done++;
            case GONE -> {
                gone++;
                last = System.nanoTime();
            }
            default -> otherwise++;
        }
        flowing.countDown();
    }
}
