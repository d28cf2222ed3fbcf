package org.busbar.lab;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;

/**
 * Random reads and writes on one queue, in a region of its own, each read checked against what was last written. Ends when told
 * to, or when the device is gone; either way it waits until everything in flight has ended.
 */
final class Hammer implements Runnable {

    private static final int EXTENT = 4096;
    private static final int EXTENTS = 2048;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final BlockQueue queue;
    private final int blocksPerExtent;
    private final MemorySegment buffer;
    private final Ledger ledger;
    private final long firstBlock;
    private final SplittableRandom random;
    private final long[] written = new long[EXTENTS];
    private final BitSet busyExtents = new BitSet(EXTENTS);
    private final BitSet busySlots;
    private final int[] extentOf;
    private final long[] writing;
    private final Thread thread;
    private volatile boolean stop;
    private volatile String end = "running";

    /**
     * @param region which 8 MiB of the device to use, from 0
     * @param ledger may be shared with other hammers
     */
    Hammer(BlockDevice device, int depth, int region, Ledger ledger) throws BlockIOException {
        this.ledger = ledger;
        random = new SplittableRandom(42 + region);
        queue = device.openQueue(depth);
        blocksPerExtent = EXTENT / device.blockSize();
        firstBlock = (long) region * EXTENTS * blocksPerExtent;
        buffer = queue.allocate((long) depth * EXTENT);
        busySlots = new BitSet(depth);
        extentOf = new int[depth];
        writing = new long[depth];
        thread = Thread.ofPlatform().name("lab-hammer").daemon().unstarted(this);
        thread.start();
    }

    boolean isRunning() {
        return thread.isAlive();
    }

    void stop() {
        stop = true;
    }

    /** Returns how it ended, having waited for that. */
    String awaitEnd(long millis) throws InterruptedException {
        thread.join(millis);
        return thread.isAlive() ? "still running" : end;
    }

    @Override
    public void run() {
        String how = "stopped";
        try {
            while (!stop) {
                fill();
                queue.submit();
                queue.await(Deadline.afterMillis(60_000));
                queue.poll(this::completed, queue.depth());
            }
        } catch (DeviceGoneException e) {
            how = "gone: " + e.getMessage();
        } catch (DeviceTimeoutException | InterruptedException | RuntimeException e) {
            how = "failed: " + e;
        }
        end = how + drain();
    }

    private void fill() {
        for (int slot = busySlots.nextClearBit(0); slot < queue.depth(); slot = busySlots.nextClearBit(slot + 1)) {
            int extent = random.nextInt(EXTENTS);
            if (busyExtents.get(extent)) {
                return;
            }
            if (!start(slot, extent)) {
                return;
            }
            ledger.accepted();
            busySlots.set(slot);
            busyExtents.set(extent);
        }
    }

    private boolean start(int slot, int extent) {
        long block = firstBlock + (long) extent * blocksPerExtent;
        long offset = (long) slot * EXTENT;
        extentOf[slot] = extent;
        if (written[extent] != 0 && random.nextInt(10) < 7) {
            writing[slot] = 0;
            return queue.read(block, blocksPerExtent, buffer, offset, slot);
        }
        long stamp = random.nextLong() | 1;
        writing[slot] = stamp;
        for (int at = 0; at < EXTENT; at += 8) {
            buffer.set(LONG, offset + at, stamp + at);
        }
        return queue.write(block, blocksPerExtent, buffer, offset, slot);
    }

    private void completed(long tag, BlockStatus status) {
        int slot = (int) tag;
        if (!busySlots.get(slot)) {
            ledger.endedTwice();
            return;
        }
        busySlots.clear(slot);
        int extent = extentOf[slot];
        busyExtents.clear(extent);
        if (status == BlockStatus.OK) {
            if (writing[slot] != 0) {
                written[extent] = writing[slot];
            } else {
                check(slot, written[extent]);
            }
        } else if (writing[slot] != 0) {
            written[extent] = 0; // either of the two may be there now
        }
        ledger.ended(status);
    }

    private void check(int slot, long stamp) {
        long offset = (long) slot * EXTENT;
        for (int at = 0; at < EXTENT; at += 8) {
            if (buffer.get(LONG, offset + at) != stamp + at) {
                ledger.corrupt();
                return;
            }
        }
    }

    /** Takes the completions of everything in flight: exactly once each, also when the device is gone. */
    private String drain() {
        try {
            Deadline deadline = Deadline.afterMillis(60_000);
            queue.submit(); // what was prepared when the device, or only the namespace, went
            while (queue.inFlight() > 0) {
                if (queue.poll(this::completed, queue.depth()) == 0) {
                    queue.await(deadline);
                }
            }
            queue.close();
            return "";
        } catch (DeviceTimeoutException | InterruptedException | RuntimeException e) {
            return ", then failed: " + e;
        }
    }
}
