package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.busbar.block.BlockMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The layout of blocks and their metadata in a bounce buffer: data then metadata, or block by block each followed by its
 * metadata.
 *
 * @param blockSize bytes of data per block
 * @param bytesPerBlock bytes in the data buffer per block, with metadata if that is inline
 * @param metadata bytes of metadata per block that are moved, 0 for none
 */
record Bounce(int blockSize, int bytesPerBlock, int metadata) {

    static Bounce of(int blockSize, BlockMetadata kept, Control control) {
        boolean moved = control.movesMetadata() || control.bytesPerBlock() > blockSize;
        return new Bounce(blockSize, control.bytesPerBlock(), moved ? kept.bytes() : 0);
    }

    private boolean isInline() {
        return bytesPerBlock > blockSize;
    }

    /** How many blocks fit. */
    int capacity() {
        return BlockingIo.SLOT_BYTES / (blockSize + metadata);
    }

    /** Where the metadata begins, if it is apart. */
    long metadataOffset(int blocks) {
        return (long) blocks * blockSize;
    }

    /** Copies blocks in; metadata that is not given is zero. */
    void fill(MemorySegment bounce, int blocks, ByteBuffer data, @Nullable ByteBuffer extra) {
        for (int i = 0; i < pieces(blocks); i++) {
            copy(MemorySegment.ofBuffer(data), (long) i * blockSize, bounce, dataAt(i), dataBytes(blocks));
            if (metadata > 0 && extra == null) {
                bounce.asSlice(metadataAt(blocks, i), metadataBytes(blocks)).fill((byte) 0);
            } else if (metadata > 0 && extra != null) {
                long from = (long) i * metadata;
                copy(MemorySegment.ofBuffer(extra), from, bounce, metadataAt(blocks, i), metadataBytes(blocks));
            }
        }
    }

    /** Copies blocks out, and metadata if it is wanted. */
    void empty(MemorySegment bounce, int blocks, ByteBuffer data, @Nullable ByteBuffer extra) {
        for (int i = 0; i < pieces(blocks); i++) {
            copy(bounce, dataAt(i), MemorySegment.ofBuffer(data), (long) i * blockSize, dataBytes(blocks));
            if (metadata > 0 && extra != null) {
                long to = (long) i * metadata;
                copy(bounce, metadataAt(blocks, i), MemorySegment.ofBuffer(extra), to, metadataBytes(blocks));
            }
        }
    }

    /** Blocks with their metadata inline are copied one by one, others all at once. */
    private int pieces(int blocks) {
        return isInline() ? blocks : 1;
    }

    private long dataAt(int piece) {
        return (long) piece * bytesPerBlock;
    }

    private long dataBytes(int blocks) {
        return isInline() ? blockSize : (long) blocks * blockSize;
    }

    private long metadataAt(int blocks, int piece) {
        return isInline() ? dataAt(piece) + blockSize : metadataOffset(blocks);
    }

    private long metadataBytes(int blocks) {
        return isInline() ? metadata : (long) blocks * metadata;
    }

    private static void copy(MemorySegment from, long fromAt, MemorySegment to, long toAt, long bytes) {
        MemorySegment.copy(from, ValueLayout.JAVA_BYTE, fromAt, to, ValueLayout.JAVA_BYTE, toAt, bytes);
    }
}
