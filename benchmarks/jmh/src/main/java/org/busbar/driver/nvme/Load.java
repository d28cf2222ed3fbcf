package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;

/** Keeps a queue full of reads of 4 KiB from random places. Allocates nothing. */
final class Load implements BlockQueue.Completion {

    private final BlockQueue queue;
    private final MemorySegment buffer;
    private final int blocks;
    private final long places;
    private long random = 88172645463325252L;
    private long ended;
    private long failed;

    /** @param blocks per 4 KiB */
    Load(BlockQueue queue, int blocks, long blockCount) throws org.busbar.block.BlockIOException {
        this.queue = queue;
        this.buffer = queue.allocate(4096L * queue.depth());
        this.blocks = blocks;
        this.places = blockCount / blocks;
    }

    /** Runs so many requests; afterwards the queue is full still. */
    long run(int requests) {
        long target = ended + requests;
        while (ended < target) {
            boolean any = false;
            while (queue.read(place(), blocks, buffer, (random & 0x7fff_ffff) % queue.depth() * 4096, 0)) {
                any = true;
            }
            if (any) {
                queue.submit();
            }
            queue.poll(this, queue.depth());
        }
        if (failed > 0) {
            throw new IllegalStateException(failed + " requests failed");
        }
        return ended;
    }

    /** Waits for what is in flight. */
    void drain() {
        while (queue.inFlight() > 0) {
            queue.poll(this, queue.depth());
        }
    }

    private long place() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return (random >>> 1) % places * blocks;
    }

    @Override
    public void completed(long tag, BlockStatus status) {
        ended++;
        if (status != BlockStatus.OK) {
            failed++;
        }
    }
}
