package org.busbar.emulator.internal.nvme;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.model.DmaPort;
import org.jspecify.annotations.Nullable;

/**
 * Where blocks are kept: chunks of memory, those never written possibly missing and reading as zeros. One thread at a
 * time; allocates nothing except a chunk that is written for the first time. Ranges lie within the size.
 */
abstract class BlockStorage implements AutoCloseable {

    static final int CHUNK = 1 << 18;

    private static final MemorySegment ZEROS = Arena.global().allocate(CHUNK, 8);

    /** What is read where nothing was written. */
    private final MemorySegment blank;

    private long size;

    BlockStorage(long size) {
        this(size, ZEROS);
    }

    /** Storage that reads as something else than zeros where nothing was written. */
    BlockStorage(long size, MemorySegment blank) {
        this.size = size;
        this.blank = blank;
    }

    final long size() {
        return size;
    }

    final MemorySegment blank() {
        return blank;
    }

    /**
     * Changes the size; what lies beyond is lost.
     *
     * @throws IllegalArgumentException if that is not possible; the message says why
     */
    final void resize(long wanted) {
        if (wanted < size) {
            erase(wanted, size - wanted);
        }
        resized(wanted);
        size = wanted;
    }

    /** Makes room, or gives it up. */
    abstract void resized(long wanted);

    /** Returns the chunk {@code index} if it is there. */
    abstract @Nullable MemorySegment existing(int index);

    /** Returns the chunk {@code index}, which is made if it is missing, or null if there is no memory for it. */
    abstract @Nullable MemorySegment forWriting(int index);

    /** Makes everything that was written durable, as far as this storage can. */
    abstract void flush() throws IOException;

    @Override
    public abstract void close();

    /** Copies blocks to a driver's memory; returns the status. */
    final int copyOut(DmaPort dma, long offset, long address, long length) {
        for (long done = 0; done < length;) {
            MemorySegment chunk = existing(index(offset + done));
            long at = (offset + done) % CHUNK;
            long piece = Math.min(length - done, CHUNK - at);
            if (!dma.write(address + done, chunk == null ? blank : chunk, at, piece)) {
                return Status.DATA_TRANSFER_ERROR;
            }
            done += piece;
        }
        return Status.SUCCESS;
    }

    /** Copies blocks from a driver's memory; returns the status. */
    final int copyIn(DmaPort dma, long offset, long address, long length) {
        for (long done = 0; done < length;) {
            MemorySegment chunk = forWriting(index(offset + done));
            if (chunk == null) {
                return Status.CAPACITY_EXCEEDED;
            }
            long at = (offset + done) % CHUNK;
            long piece = Math.min(length - done, CHUNK - at);
            if (!dma.read(address + done, chunk, at, piece)) {
                return Status.DATA_TRANSFER_ERROR;
            }
            done += piece;
        }
        return Status.SUCCESS;
    }

    /** Returns whether blocks hold what a piece of memory holds. */
    final boolean matches(long offset, MemorySegment other, long otherOffset, long length) {
        for (long done = 0; done < length;) {
            MemorySegment chunk = existing(index(offset + done));
            long at = (offset + done) % CHUNK;
            long piece = Math.min(length - done, CHUNK - at);
            long from = otherOffset + done;
            MemorySegment mine = chunk == null ? blank : chunk;
            if (MemorySegment.mismatch(mine, at, at + piece, other, from, from + piece) >= 0) {
                return false;
            }
            done += piece;
        }
        return true;
    }

    /** Copies blocks into a piece of memory. */
    final void get(long offset, MemorySegment target, long targetOffset, long length) {
        for (long done = 0; done < length;) {
            MemorySegment chunk = existing(index(offset + done));
            long at = (offset + done) % CHUNK;
            long piece = Math.min(length - done, CHUNK - at);
            MemorySegment.copy(chunk == null ? blank : chunk, at, target, targetOffset + done, piece);
            done += piece;
        }
    }

    /** Copies blocks from a piece of memory; returns the status. */
    final int put(long offset, MemorySegment source, long sourceOffset, long length) {
        for (long done = 0; done < length;) {
            MemorySegment chunk = forWriting(index(offset + done));
            if (chunk == null) {
                return Status.CAPACITY_EXCEEDED;
            }
            long at = (offset + done) % CHUNK;
            long piece = Math.min(length - done, CHUNK - at);
            MemorySegment.copy(source, sourceOffset + done, chunk, at, piece);
            done += piece;
        }
        return Status.SUCCESS;
    }

    /** Makes blocks read as if they had never been written. */
    final void erase(long offset, long length) {
        for (long done = 0; done < length;) {
            MemorySegment chunk = existing(index(offset + done));
            long at = (offset + done) % CHUNK;
            long piece = Math.min(length - done, CHUNK - at);
            if (chunk != null) {
                MemorySegment.copy(blank, 0, chunk, at, piece);
            }
            done += piece;
        }
    }

    private static int index(long offset) {
        return (int) (offset / CHUNK);
    }
}
