package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Blocks in memory, gone with the card. Takes as much memory as was written. */
final class MemoryStorage extends BlockStorage {

    private static final Logger LOG = LoggerFactory.getLogger(MemoryStorage.class);

    private static final MemorySegment ONES = Arena.global().allocate(CHUNK, 8).fill((byte) 0xff);

    private final Arena arena = Arena.ofShared();
    private @Nullable MemorySegment[] chunks;

    MemoryStorage(long size) {
        super(size);
        chunks = new @Nullable MemorySegment[chunks(size)];
    }

    private MemoryStorage(long size, MemorySegment blank) {
        super(size, blank);
        chunks = new @Nullable MemorySegment[chunks(size)];
    }

    /** Memory whose bits are set until they are written: that is how protection information of no block looks. */
    static MemoryStorage ofOnes(long size) {
        return new MemoryStorage(size, ONES);
    }

    private static int chunks(long size) {
        return (int) ((size + CHUNK - 1) / CHUNK);
    }

    @Override
    void resized(long wanted) {
        chunks = Arrays.copyOf(chunks, chunks(wanted));
    }

    @Override
    @Nullable
    MemorySegment existing(int index) {
        return chunks[index];
    }

    @Override
    @Nullable
    MemorySegment forWriting(int index) {
        MemorySegment chunk = chunks[index];
        if (chunk == null) {
            try {
                chunk = arena.allocate(CHUNK, 4096).copyFrom(blank());
            } catch (OutOfMemoryError e) {
                LOG.warn("No memory for what is written to an emulated SSD; -XX:MaxDirectMemorySize raises the limit",
                        e);
                return null;
            }
            chunks[index] = chunk;
        }
        return chunk;
    }

    @Override
    void flush() {
        // Memory has nothing behind it.
    }

    @Override
    public void close() {
        arena.close();
    }
}
