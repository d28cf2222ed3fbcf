package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Some blocks on their way, data and metadata apart. Takes memory only once it is used: most cards never need it. */
final class BlockBuffer {

    private static final int MAX_METADATA = DataPointer.MAX_TRANSFER / 512 * 64;

    private @Nullable MemorySegment data;
    private @Nullable MemorySegment metadata;

    /** Returns how many blocks of a namespace there is room for. */
    static int room(Namespace namespace) {
        return DataPointer.MAX_TRANSFER >> namespace.blockShift();
    }

    MemorySegment data() {
        MemorySegment there = data;
        if (there == null) {
            there = Arena.ofAuto().allocate(DataPointer.MAX_TRANSFER, 8);
            data = there;
        }
        return there;
    }

    MemorySegment metadata() {
        MemorySegment there = metadata;
        if (there == null) {
            there = Arena.ofAuto().allocate(MAX_METADATA, 8);
            metadata = there;
        }
        return there;
    }

    void zero() {
        data().fill((byte) 0);
        metadata().fill((byte) 0);
    }

    /** Takes blocks from where they are kept. */
    void load(Namespace namespace, long first, int count) {
        namespace.data().get(first << namespace.blockShift(), data(), 0, (long) count << namespace.blockShift());
        BlockStorage beside = namespace.metadata();
        if (beside != null) {
            long size = namespace.format().metadata();
            beside.get(first * size, metadata(), 0, count * size);
        }
    }

    /** Puts blocks where they are kept; returns the status. */
    int store(Namespace namespace, long first, int count) {
        int status = namespace.data()
                .put(first << namespace.blockShift(), data(), 0, (long) count << namespace.blockShift());
        BlockStorage beside = namespace.metadata();
        if (status == Status.SUCCESS && beside != null) {
            long size = namespace.format().metadata();
            status = beside.put(first * size, metadata(), 0, count * size);
        }
        return status;
    }
}
