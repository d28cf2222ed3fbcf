package org.busbar.itest.felix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;

/**
 * An application that reads and writes 4 KiB at random places of its own part of a block device, eight at a time, in a queue
 * that it opens once, and that knows what each place has to hold. Every request has to succeed.
 */
final class VolumeLoad extends Load {

    private static final int DEPTH = 8;
    private static final int BYTES = 4096;

    private final BlockDevice device;
    private final int blocks;
    private final long first;
    private final long[] written;
    private final Random random;
    private final long[] place = new long[DEPTH];
    private final long[] expected = new long[DEPTH];
    private final boolean[] writes = new boolean[DEPTH];
    private final boolean[] inFlight = new boolean[DEPTH];
    private final boolean[] busy;
    private BlockQueue queue;
    private MemorySegment memory;
    private long values;
    private long done;

    private VolumeLoad(BlockDevice device, int part, int parts) {
        super(device.name() + ", part " + part);
        this.device = device;
        blocks = BYTES / device.blockSize();
        int places = (int) (device.blockCount() / blocks / parts);
        first = (long) part * places * blocks;
        written = new long[places];
        busy = new boolean[places];
        random = new Random(part);
    }

    static VolumeLoad on(BlockDevice device, int part, int parts) throws InterruptedException {
        VolumeLoad load = new VolumeLoad(device, part, parts);
        load.begin();
        return load;
    }

    /** Returns how many requests have ended well; for after the end. */
    long done() {
        return done;
    }

    @Override
    void round() throws Exception {
        if (queue == null) {
            queue = device.openQueue(DEPTH);
            memory = queue.allocate((long) DEPTH * BYTES);
        }
        for (int slot = 0; slot < DEPTH; slot++) {
            if (!inFlight[slot]) {
                prepare(slot);
            }
        }
        queue.submit();
        queue.await(Rig.soon());
        queue.poll(this::completed, DEPTH);
    }

    private void prepare(int slot) {
        int where = random.nextInt(written.length);
        if (busy[where]) {
            return; // requests that overlap have no order
        }
        boolean write = written[where] == 0 || random.nextBoolean();
        long block = first + (long) where * blocks;
        long offset = (long) slot * BYTES;
        boolean taken;
        if (write) {
            expected[slot] = first << 32 | ++values;
            fill(offset, where, expected[slot]);
            taken = queue.write(block, blocks, memory, offset, slot);
        } else {
            expected[slot] = written[where];
            fill(offset, 0, 0);
            taken = queue.read(block, blocks, memory, offset, slot);
        }
        place[slot] = where;
        writes[slot] = write;
        inFlight[slot] = taken;
        busy[where] = taken;
    }

    private void fill(long offset, long where, long value) {
        for (long at = 0; at < BYTES; at += 16) {
            memory.set(ValueLayout.JAVA_LONG, offset + at, where);
            memory.set(ValueLayout.JAVA_LONG, offset + at + 8, value);
        }
    }

    private void completed(long tag, BlockStatus status) {
        int slot = (int) tag;
        int where = (int) place[slot];
        if (!inFlight[slot]) {
            throw new AssertionError("request " + tag + " has ended twice");
        }
        inFlight[slot] = false;
        busy[where] = false;
        if (status == BlockStatus.GONE) {
            throw new DeviceGoneException("by status");
        }
        if (status != BlockStatus.OK) {
            throw new AssertionError("request " + tag + " ended with " + status);
        }
        done++;
        if (writes[slot]) {
            written[where] = expected[slot];
        } else {
            check(slot, where);
        }
    }

    private void check(int slot, long where) {
        for (long at = (long) slot * BYTES; at < (slot + 1L) * BYTES; at += 16) {
            long there = memory.get(ValueLayout.JAVA_LONG, at);
            long value = memory.get(ValueLayout.JAVA_LONG, at + 8);
            if (there != where || value != expected[slot]) {
                throw new AssertionError("place " + where + " holds " + value + " of place " + there + " instead of "
                        + expected[slot]);
            }
        }
    }

    /** Waits for what is in flight, so that all of it is checked. */
    @Override
    void finish() {
        if (queue == null) {
            return;
        }
        try {
            Deadline deadline = Rig.soon();
            while (queue.inFlight() > 0) {
                queue.await(deadline);
                queue.poll(this::completed, DEPTH);
            }
        } catch (DeviceGoneException e) {
            // The load has ended because of that, or is about to be asked.
        } catch (Exception e) {
            throw new IllegalStateException("what was in flight did not end", e);
        } finally {
            queue.close();
        }
    }
}
