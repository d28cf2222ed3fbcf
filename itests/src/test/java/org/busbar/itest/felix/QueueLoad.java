package org.busbar.itest.felix;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.itest.felix.control.Traffic;

/**
 * An application with a queue of its own that keeps it full, and an account of every request: each that was accepted has
 * to end exactly once.
 */
final class QueueLoad implements AutoCloseable {

    private static final int BLOCKS = 8;

    private final BlockDevice device;
    private final String name;
    private final int depth;
    private final Thread thread;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLongArray inFlight;
    private final AtomicReference<Throwable> end = new AtomicReference<>();
    private volatile boolean closing;
    private boolean gone;

    private QueueLoad(BlockDevice device, int depth) {
        this.device = device;
        this.name = device.name();
        this.depth = depth;
        inFlight = new AtomicLongArray(depth);
        thread = LoadThread.unstarted("queue on " + name, this::run);
    }

    static QueueLoad on(BlockDevice device, int depth) {
        QueueLoad load = new QueueLoad(device, depth);
        load.thread.start();
        load.awaitProgress();
        return load;
    }

    private void run() {
        Traffic.outsider();
        try (BlockQueue queue = device.openQueue(depth)) {
            work(queue);
        } catch (BlockIOException | DeviceTimeoutException | InterruptedException | RuntimeException
                | AssertionError e) {
            end.compareAndSet(null, e);
        }
    }

    private void work(BlockQueue queue) throws BlockIOException, DeviceTimeoutException, InterruptedException {
        int bytes = BLOCKS * device.blockSize();
        MemorySegment buffer = queue.allocate((long) depth * bytes);
        try {
            while (!closing && !gone) {
                for (int tag = 0; tag < depth; tag++) {
                    submit(queue, buffer, bytes, tag);
                }
                queue.submit();
                queue.await(Rig.soon());
                queue.poll(this::completed, depth);
            }
        } catch (DeviceGoneException e) {
            end.set(e);
        }
        long limit = System.nanoTime() + Eventually.LIMIT.toNanos();
        while (ended.get() < accepted.get() && System.nanoTime() - limit < 0) {
            queue.poll(this::completed, depth);
        }
        if (ended.get() != accepted.get()) {
            throw new AssertionError(
                    accepted + " requests were accepted on " + name + ", " + ended + " have ended");
        }
        if (gone) {
            end.compareAndSet(null, new DeviceGoneException("by status"));
        }
    }

    private void submit(BlockQueue queue, MemorySegment buffer, int bytes, int tag) {
        if (inFlight.get(tag) != 0) {
            return;
        }
        // The upper half: the lower one is for those who verify what they have written.
        long half = device.blockCount() / 2;
        long block = half + accepted.get() * BLOCKS % (half - BLOCKS);
        boolean taken = (accepted.get() & 1) == 0
                ? queue.write(block, BLOCKS, buffer, (long) tag * bytes, tag)
                : queue.read(block, BLOCKS, buffer, (long) tag * bytes, tag);
        if (taken) {
            inFlight.set(tag, 1);
            accepted.incrementAndGet();
        }
    }

    private void completed(long tag, BlockStatus status) {
        if (!inFlight.compareAndSet((int) tag, 1, 0)) {
            throw new AssertionError("request " + tag + " on " + name + " has ended twice");
        }
        ended.incrementAndGet();
        if (status == BlockStatus.OK) {
            done.incrementAndGet();
        } else if (status == BlockStatus.GONE) {
            gone = true;
        } else {
            throw new AssertionError("request " + tag + " on " + name + " ended with " + status);
        }
    }

    void awaitProgress() {
        long goal = done.get() + 2L * depth;
        Eventually.await(
                "progress of the queue on " + name, () -> done.get() >= goal || end.get() != null, this::stack);
        if (end.get() != null) {
            throw new AssertionError("the queue on " + name + " has ended", end.get());
        }
    }

    /** Waits until the device has gone under this load; every request must have ended, exactly once. */
    void awaitGone() throws InterruptedException {
        thread.join(Eventually.LIMIT);
        if (thread.isAlive()) {
            throw new AssertionError("the queue on " + name + " does not end: " + stack());
        }
        if (!(end.get() instanceof DeviceGoneException) || ended.get() != accepted.get()) {
            throw new AssertionError(
                    "the queue on " + name + " should have ended with DeviceGoneException and all of its "
                            + accepted + " requests, not with " + ended,
                    end.get());
        }
    }

    private String stack() {
        StringBuilder text = new StringBuilder(accepted + " accepted, " + ended + " ended");
        for (StackTraceElement element : thread.getStackTrace()) {
            text.append("\n    ").append(element);
        }
        return text.toString();
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join(Eventually.LIMIT);
        if (thread.isAlive() || end.get() != null) {
            throw new AssertionError("the queue on " + name + " did not end well: " + stack(), end.get());
        }
    }
}
