package org.busbar.durable.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;

/**
 * The data buffers of a queue. They outlive the devices that reach them, and go when the queue is closed and no device reaches
 * them any more. Allocated by the queue's owner, mapped by any thread.
 */
final class QueueMemory {

    /** A multiple of every device's page. */
    private static final long PAGE = 64 << 10;

    private final Executor executor;
    private final List<Buffer> buffers = new CopyOnWriteArrayList<>();

    /** @param executor gives memory back: devices' threads must not be held up by that */
    QueueMemory(Executor executor) {
        this.executor = executor;
    }

    /** One buffer. Its uses are the devices that reach it, and the queue. */
    final class Buffer {
        private final Arena arena;
        private final MemorySegment memory;
        private int uses = 1;

        private Buffer(Arena arena, MemorySegment memory) {
            this.arena = arena;
            this.memory = memory;
        }

        MemorySegment memory() {
            return memory;
        }

        /**
         * Has a device reach it, unless it was given back meanwhile. Counts that use for as long as it may last: from before
         * the driver is called, whether or not anybody waits for the call to end.
         */
        void mapInto(BlockQueue queue) throws BlockIOException {
            synchronized (this) {
                if (uses == 0) {
                    return;
                }
                uses++;
            }
            boolean mapped = false;
            try {
                queue.map(memory, this::release);
                mapped = true;
            } finally {
                if (!mapped) {
                    release();
                }
            }
        }

        private void release() {
            synchronized (this) {
                uses--;
                if (uses > 0) {
                    return;
                }
            }
            executor.execute(arena::close);
        }
    }

    /** Allocates zeroed memory. */
    Buffer allocate(long bytes) throws BlockIOException {
        if (bytes < 1 || bytes > Long.MAX_VALUE - PAGE) {
            throw new IllegalArgumentException("memory is allocated by at least 1 byte, not " + bytes);
        }
        Arena arena = Arena.ofShared();
        boolean done = false;
        try {
            Buffer buffer = new Buffer(arena, arena.allocate(bytes + PAGE - 1 & -PAGE, PAGE));
            buffers.add(buffer);
            done = true;
            return buffer;
        } catch (OutOfMemoryError e) {
            throw new BlockIOException(BlockStatus.DEVICE_ERROR, -1, "no memory for " + bytes
                    + " bytes of data buffers; -XX:MaxDirectMemorySize raises the limit");
        } finally {
            if (!done) {
                arena.close();
            }
        }
    }

    /** Takes a buffer back that could not be mapped. */
    void free(Buffer buffer) {
        if (buffers.remove(buffer)) {
            buffer.release();
        }
    }

    /** Returns all buffers, oldest first; a snapshot if iterated over. */
    List<Buffer> buffers() {
        return buffers;
    }

    /** Returns whether a segment is a whole buffer. Allocates nothing. */
    boolean owns(MemorySegment segment) {
        for (int i = 0; i < buffers.size(); i++) {
            if (buffers.get(i).memory().address() == segment.address()) {
                return true;
            }
        }
        return false;
    }

    /** The queue is closed. */
    void close() {
        for (Buffer buffer : buffers) {
            free(buffer);
        }
    }
}
