package org.busbar.shell.internal.demo;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;

/** An application that reads without end, and notes what it sees of what happens below. */
final class Reader implements AutoCloseable {

    private static final int DEPTH = 32;
    private static final long WARM = 2_000;

    /**
     * What it has seen.
     *
     * @param done how many requests ended well
     * @param longestPause the longest time in which none ended
     * @param failure what went wrong, if anything did
     */
    record Outcome(long done, Duration longestPause, Optional<Exception> failure) {}

    private final BlockDevice device;
    private final Thread thread = Thread.ofPlatform().daemon().name("demo-reader").unstarted(this::run);
    private final CountDownLatch flowing = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean ending;
    // The thread's, and its caller's once it is over.
    private Optional<Exception> failure = Optional.empty();
    private long done;
    private long longest;

    Reader(BlockDevice device) {
        this.device = device;
    }

    /** Begins, and returns when requests flow. */
    void start() throws Exception {
        thread.start();
        if (!flowing.await(Stage.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new CheckFailedException("requests do not flow");
        }
    }

    /** Ends it. */
    Outcome end() throws Exception {
        ending = true;
        if (!over.await(Stage.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new CheckFailedException("requests do not end");
        }
        return new Outcome(done, Duration.ofNanos(longest), failure);
    }

    private void run() {
        try (BlockQueue queue = device.openQueue(DEPTH)) {
            read(queue);
        } catch (Exception e) { // whatever it is, it is what the tour wants to know
            failure = Optional.of(e);
        } finally {
            flowing.countDown();
            over.countDown();
        }
    }

    private void read(BlockQueue queue) throws Exception {
        MemorySegment buffer = queue.allocate((long) DEPTH * device.blockSize());
        long before = System.nanoTime();
        long goal = Long.MAX_VALUE;
        for (long next = 0; done < goal || queue.inFlight() > 0;) {
            if (ending && goal == Long.MAX_VALUE) {
                goal = done + DEPTH; // so that the latest pause is over
            }
            while (done < goal
                    && queue.read(next % device.blockCount(), 1, buffer, next % DEPTH * device.blockSize(), next)) {
                next++;
            }
            queue.submit();
            queue.await(Stage.deadline());
            if (queue.poll(this::completed, DEPTH) > 0) {
                long now = System.nanoTime();
                longest = Math.max(longest, now - before);
                before = now;
            }
        }
    }

    private void completed(long tag, BlockStatus status) {
        if (status != BlockStatus.OK) {
            throw new IllegalStateException("request " + tag + " ended with " + status);
        }
        done++;
        if (done == WARM) {
            flowing.countDown();
        }
    }

    @Override
    public void close() {
        ending = true;
    }
}
