package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Blocks in memory, gone with the card. Takes as much memory as was written. */
final class MemoryStorage extends BlockStorage {

    private static final Logger LOG = LoggerFactory.getLogger(MemoryStorage.class);

    private final Arena arena = Arena.ofShared();
    private final @Nullable MemorySegment[] chunks;

    MemoryStorage(long size) {
        super(size);
        chunks = new @Nullable MemorySegment[(int) ((size + CHUNK - 1) / CHUNK)];
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
                chunk = arena.allocate(CHUNK, 4096);
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
