package org.busbar.runtime;

import java.io.DataInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.util.tracker.ServiceTracker;

/**
 * An application that is going to be killed. It checks that all is there that a flush has acknowledged to the one before it, by
 * a journal that is not on that medium, and goes on: four threads write 4 KiB at random places, eight at a time, flush, and
 * write to the journal what is durable now. One class, for it is all that is in its bundle.
 */
public final class FlushJournal implements BundleActivator {

    /** Manifest header: where the journal is, and reports go. */
    static final String FOLDER = "Test-Folder";

    /** Manifest header: filter for the block device. */
    static final String DEVICE = "Test-Device";

    static final String IMPORTS = "org.osgi.framework,org.osgi.util.tracker,org.busbar.block,"
            + "org.busbar.device";

    private static final int THREADS = 4;
    private static final int DEPTH = 8;
    private static final int BYTES = 4096;
    private static final int FLUSHES_PER_REPORT = 25;
    private static final long SECONDS = 60;

    private final AtomicLong flushes = new AtomicLong();
    private volatile boolean stopped;

    @Override
    public void start(BundleContext context) {
        Path folder = Path.of(context.getBundle().getHeaders("").get(FOLDER));
        Thread.ofPlatform().daemon().name("flush-journal").start(() -> {
            try {
                run(context, folder);
            } catch (Exception | AssertionError e) {
                report(folder, "failed: " + e);
            }
        });
    }

    @Override
    public void stop(BundleContext context) {
        stopped = true;
    }

    private void run(BundleContext context, Path folder) throws Exception {
        ServiceTracker<BlockDevice, BlockDevice> tracker = new ServiceTracker<>(
                context, context.createFilter(context.getBundle().getHeaders("").get(DEVICE)), null);
        tracker.open();
        BlockDevice device = tracker.waitForService(SECONDS * 1000);
        if (device == null) {
            throw new IllegalStateException("no block device");
        }
        int places = (int) (device.blockCount() * device.blockSize() / BYTES);
        long[] durable = new long[places];
        Path journal = folder.resolve("journal");
        long last = read(journal, durable);
        long first = last + 1_000_000; // above all that the one before may have written without journaling it
        report(folder, check(device, durable, first));
        FileChannel out = FileChannel.open(journal, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        for (int part = 0; part < THREADS; part++) {
            int mine = part;
            Thread.ofPlatform().daemon().name("flush-journal-" + part).start(() -> {
                try {
                    write(device, mine, places, first, out, folder);
                } catch (Exception | AssertionError e) {
                    report(folder, "failed: " + e);
                }
            });
        }
    }

    private static long read(Path journal, long[] durable) throws IOException {
        long last = 0;
        if (Files.exists(journal)) {
            long whole = Files.size(journal) / 16; // the last entry may be cut off
            try (DataInputStream in = new DataInputStream(Files.newInputStream(journal))) {
                byte[] all = in.readNBytes((int) whole * 16);
                ByteBuffer entries = ByteBuffer.wrap(all);
                while (entries.hasRemaining()) {
                    int place = (int) entries.getLong();
                    long value = entries.getLong();
                    durable[place] = Math.max(durable[place], value);
                    last = Math.max(last, value);
                }
            }
        }
        return last;
    }

    /** Each long of a place has to be from a write of that place that is not older than the last one that was flushed. */
    private static String check(BlockDevice device, long[] durable, long end) throws Exception {
        int checked = 0;
        int wrong = 0;
        ByteBuffer there = ByteBuffer.allocate(BYTES);
        for (int place = 0; place < durable.length; place++) {
            if (durable[place] == 0) {
                continue;
            }
            there.clear();
            device.read((long) place * (BYTES / device.blockSize()), there, Deadline.afterMillis(SECONDS * 1000));
            boolean right = true;
            for (int at = 0; at < BYTES; at += 16) {
                long value = there.getLong(at + 8);
                right &= there.getLong(at) == place && value >= durable[place] && value < end;
            }
            checked++;
            wrong += right ? 0 : 1;
        }
        return "checked " + checked + " places, " + wrong + " wrong";
    }

    private void write(BlockDevice device, int part, int places, long first, FileChannel journal, Path folder)
            throws Exception {
        Random random = new Random(first + part);
        int blocks = BYTES / device.blockSize();
        ByteBuffer entries = ByteBuffer.allocate(16 * DEPTH);
        long value = first + part;
        try (BlockQueue queue = device.openQueue(DEPTH)) {
            MemorySegment memory = queue.allocate((long) DEPTH * BYTES);
            while (!stopped) {
                entries.clear();
                for (int slot = 0; slot < DEPTH; slot++) {
                    // A place per slot, so that no two writes in flight overlap.
                    long place = (long) random.nextInt(places / (THREADS * DEPTH)) * THREADS * DEPTH
                            + slot * THREADS + part;
                    value += THREADS;
                    fill(memory, (long) slot * BYTES, place, value);
                    while (!queue.write(place * blocks, blocks, memory, (long) slot * BYTES, slot)) {
                        await(queue);
                    }
                    entries.putLong(place).putLong(value);
                }
                finish(queue);
                while (!queue.flush(DEPTH)) {
                    await(queue);
                }
                finish(queue);
                synchronized (this) {
                    entries.flip();
                    while (entries.hasRemaining()) {
                        journal.write(entries);
                    }
                }
                long done = flushes.incrementAndGet();
                if (done % FLUSHES_PER_REPORT == 0) {
                    report(folder, "flushed " + done + " times");
                }
            }
        }
    }

    private static void fill(MemorySegment memory, long offset, long place, long value) {
        ValueLayout.OfLong big = ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);
        for (long at = 0; at < BYTES; at += 16) {
            memory.set(big, offset + at, place);
            memory.set(big, offset + at + 8, value);
        }
    }

    private static void finish(BlockQueue queue) throws Exception {
        queue.submit();
        while (queue.inFlight() > 0) {
            await(queue);
        }
    }

    private static void await(BlockQueue queue) throws Exception {
        queue.await(Deadline.afterMillis(SECONDS * 1000));
        queue.poll((tag, status) -> {
            if (status != BlockStatus.OK) {
                throw new IllegalStateException("request " + tag + " ended with " + status);
            }
        }, DEPTH + 1);
    }

    private static synchronized void report(Path folder, String line) {
        try {
            Files.write(
                    folder.resolve("report"), (line + "\n").getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
