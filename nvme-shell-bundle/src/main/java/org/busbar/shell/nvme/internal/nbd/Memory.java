package org.busbar.shell.nvme.internal.nbd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;

/**
 * The memory of a connection, all of which the device reaches.
 *
 * @param segment for data
 * @param zeroes never written to; empty if the device writes zeroes by itself
 * @param blockSize the device's
 */
record Memory(MemorySegment segment, MemorySegment zeroes, int blockSize) {

    private static final int ZERO_BYTES = 64 << 10;

    static Memory of(BlockQueue queue, Offer offer) throws BlockIOException {
        int blockSize = offer.device().blockSize();
        boolean needsZeroes = offer.writable() && !offer.has(BlockFeature.WRITE_ZEROES);
        long zeroBytes = Math.min(ZERO_BYTES, (long) offer.device().maxBlocksPerRequest() * blockSize);
        return new Memory(
                queue.allocate(offer.limits().memory()),
                needsZeroes ? queue.allocate(Math.max(blockSize, zeroBytes)) : MemorySegment.NULL,
                blockSize);
    }

    long zeroBlocks() {
        return zeroes.byteSize() / blockSize;
    }

    ByteBuffer view() {
        return segment.asByteBuffer();
    }
}
