package org.busbar.itest.felix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockStatus;
import org.busbar.device.DeviceGoneException;
import org.busbar.itest.felix.control.Traffic;

/**
 * An application that writes to the lower half of a block device and reads back what it wrote, until it is closed or the
 * device goes.
 */
final class Workload implements AutoCloseable {

    private static final int BLOCKS = 8;

    private final BlockDevice device;
    private final String name;
    private final Thread thread;
    private final AtomicLong rounds = new AtomicLong();
    private final AtomicReference<Throwable> end = new AtomicReference<>();
    private volatile boolean closing;

    private Workload(BlockDevice device) {
        this.device = device;
        this.name = device.name();
        thread = Thread.ofPlatform().daemon().name("workload " + name).unstarted(this::run);
    }

    static Workload on(BlockDevice device) {
        Workload workload = new Workload(device);
        workload.thread.start();
        workload.awaitProgress();
        return workload;
    }

    private void run() {
        Traffic.outsider();
        try {
            Random random = new Random(name.hashCode());
            while (!closing) {
                verify(device, random.nextLong(device.blockCount() / 2 - BLOCKS), random.nextLong());
                rounds.incrementAndGet();
            }
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            end.set(e);
        }
    }

    /** Writes blocks made from a seed, reads them again and compares. */
    static void verify(BlockDevice device, long block, long seed) throws IOException, InterruptedException {
        byte[] written = content(device, seed);
        device.write(block, ByteBuffer.wrap(written), Rig.soon());
        check(device, block, seed);
    }

    /** Reads blocks and compares them with what was made from a seed. */
    static void check(BlockDevice device, long block, long seed) throws IOException, InterruptedException {
        ByteBuffer read = ByteBuffer.allocate(BLOCKS * device.blockSize());
        device.read(block, read, Rig.soon());
        int difference = read.flip().mismatch(ByteBuffer.wrap(content(device, seed)));
        if (difference >= 0) {
            throw new AssertionError(
                    device.name() + ": block " + block + " is not what was written, from byte " + difference);
        }
    }

    private static byte[] content(BlockDevice device, long seed) {
        byte[] bytes = new byte[BLOCKS * device.blockSize()];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Waits until data has been verified that was written after this call. */
    void awaitProgress() {
        long goal = rounds.get() + 2;
        Eventually.await(
                "progress of I/O on " + name, () -> rounds.get() >= goal || end.get() != null, this::stack);
        if (end.get() != null) {
            throw new AssertionError("I/O on " + name + " has ended", end.get());
        }
    }

    /** Waits until the device has gone under this workload, and no other failure has been seen. */
    void awaitGone() {
        Eventually.await("I/O on " + name + " to end", () -> end.get() != null, this::stack);
        Throwable why = end.get();
        boolean gone = why instanceof DeviceGoneException
                || why instanceof BlockIOException e && e.status() == BlockStatus.GONE;
        if (!gone) {
            throw new AssertionError("I/O on " + name + " should have ended with DeviceGoneException", why);
        }
    }

    private String stack() {
        StringBuilder text = new StringBuilder();
        for (StackTraceElement element : thread.getStackTrace()) {
            text.append("\n    ").append(element);
        }
        return text.toString();
    }

    /** Ends the workload and fails if it had ended before by itself. */
    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join(Eventually.LIMIT);
        if (thread.isAlive()) {
            throw new AssertionError("the workload on " + name + " does not end: " + stack());
        }
        if (end.get() != null && !(end.get() instanceof DeviceGoneException)) {
            throw new AssertionError("I/O on " + name + " failed", end.get());
        }
    }
}
