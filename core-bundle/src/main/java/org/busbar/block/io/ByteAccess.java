package org.busbar.block.io;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;

/** Reads and writes bytes of a device that knows blocks. Thread-safe. */
final class ByteAccess {

    private final BlockDevice device;
    private final int blockSize;
    /** Whole blocks are written under the shared lock; a block in part is read, changed and written under the other. */
    private final ReadWriteLock writing = new ReentrantReadWriteLock();

    ByteAccess(BlockDevice device) {
        this.device = device;
        this.blockSize = device.blockSize();
    }

    /** As many bytes as the device has now. */
    long size() {
        return Math.multiplyExact(device.blockCount(), (long) blockSize);
    }

    int read(long from, ByteBuffer target, Deadline deadline) throws IOException {
        require(from);
        long size = size();
        if (from >= size) {
            return target.hasRemaining() ? -1 : 0;
        }
        return each(from, size, target, (block, offset, piece) -> {
            if (isWhole(offset, piece)) {
                device.read(block, piece, deadline);
            } else {
                ByteBuffer whole = ByteBuffer.allocate(blockSize);
                device.read(block, whole, deadline);
                piece.put(whole.slice(offset, piece.remaining()));
            }
        });
    }

    int write(long to, ByteBuffer source, Deadline deadline) throws IOException {
        require(to);
        long size = size();
        if (to >= size && source.hasRemaining()) {
            throw new IOException("the device ends at byte " + size + "; nothing can be written at " + to);
        }
        return each(to, size, source, (block, offset, piece) -> {
            Lock lock = isWhole(offset, piece) ? writing.readLock() : writing.writeLock();
            if (!lock.tryLock(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
                throw new BlockIOException(BlockStatus.TIMED_OUT, -1, device.name() + ": block " + block
                        + " was not written in time, since another thread is still writing through this channel");
            }
            try {
                if (isWhole(offset, piece)) {
                    device.write(block, piece, deadline);
                } else {
                    change(block, offset, piece, deadline);
                }
            } finally {
                lock.unlock();
            }
        });
    }

    private void change(long block, int offset, ByteBuffer piece, Deadline deadline)
            throws IOException, InterruptedException {
        ByteBuffer whole = ByteBuffer.allocate(blockSize);
        device.read(block, whole, deadline);
        whole.position(offset).put(piece);
        device.write(block, whole.clear(), deadline);
    }

    void flush(Deadline deadline) throws IOException {
        try {
            device.flush(deadline);
        } catch (InterruptedException e) {
            throw interrupted(0, e);
        }
    }

    private boolean isWhole(int offset, ByteBuffer piece) {
        return offset == 0 && piece.remaining() % blockSize == 0;
    }

    /** Cuts a transfer into a block in part, whole blocks, and a block in part, as far as it has these. */
    private int each(long from, long size, ByteBuffer buffer, Transfer transfer) throws IOException {
        int start = buffer.position();
        int end = start + (int) Math.min(buffer.remaining(), Math.max(0, size - from));
        try {
            while (buffer.position() < end) {
                long at = from + (buffer.position() - start);
                int offset = (int) (at % blockSize);
                int left = end - buffer.position();
                int bytes = offset != 0 || left < blockSize
                        ? Math.min(left, blockSize - offset)
                        : left - left % blockSize;
                transfer.of(at / blockSize, offset, buffer.slice(buffer.position(), bytes));
                buffer.position(buffer.position() + bytes);
            }
        } catch (InterruptedException e) {
            throw interrupted(buffer.position() - start, e);
        } catch (IllegalArgumentException e) {
            if (size() < size) {
                throw new IOException("the device has shrunk to " + size() + " bytes meanwhile", e);
            }
            throw e;
        }
        return end - start;
    }

    private static void require(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("a position is 0 or more, not " + position);
        }
    }

    private static InterruptedIOException interrupted(int bytes, InterruptedException cause) {
        Thread.currentThread().interrupt();
        InterruptedIOException e = new InterruptedIOException("interrupted after " + bytes + " bytes");
        e.bytesTransferred = bytes;
        e.initCause(cause);
        return e;
    }

    /** Moves the bytes of a buffer to or from an offset in a block. */
    @FunctionalInterface
    private interface Transfer {
        void of(long block, int offset, ByteBuffer piece) throws IOException, InterruptedException;
    }
}
