package org.busbar.block.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;

/**
 * The bytes of a block device, at any position and of any length, into and from heap or direct buffers. Reads and writes
 * with a position of their own may run on any threads at once; those that use the channel's position are meant for one.
 *
 * <p>A block that is written in part is read, changed and written. Threads that do so through one channel do not lose each
 * other's bytes; two channels on one device know nothing of each other. What is written is durable after {@link #force}.
 * The channel is as long as the device is at the time, and writing makes it no longer: a read at the end gives -1, a write
 * stops there.
 *
 * <p>Failures are those of {@link BlockDevice}; an interrupt ends a transfer with
 * {@link java.io.InterruptedIOException}, and the thread stays interrupted. Closing a channel leaves the device as it is.
 */
public final class BlockChannel implements SeekableByteChannel {

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    private final ByteAccess access;
    private final Duration timeout;
    private final AtomicLong position = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    private BlockChannel(ByteAccess access, Duration timeout) {
        this.access = access;
        this.timeout = timeout;
    }

    /** Opens a channel whose reads and writes may take 30 seconds each. */
    public static BlockChannel open(BlockDevice device) {
        return open(device, DEFAULT_TIMEOUT);
    }

    /**
     * Opens a channel.
     *
     * @param timeout how long one read, write or {@link #force} may take
     */
    public static BlockChannel open(BlockDevice device, Duration timeout) {
        return new BlockChannel(new ByteAccess(device), timeout);
    }

    /**
     * Reads at a position, and leaves the channel's alone.
     *
     * @return how many bytes were read; less than the buffer has room for only at the end; -1 at the end
     */
    public int read(ByteBuffer target, long from) throws IOException {
        requireOpen();
        return access.read(from, target, Deadline.after(timeout));
    }

    /**
     * Writes at a position, and leaves the channel's alone.
     *
     * @return how many bytes were written; less than the buffer holds only at the end
     * @throws IOException also if the position is at the end or behind it
     */
    public int write(ByteBuffer source, long to) throws IOException {
        requireOpen();
        return access.write(to, source, Deadline.after(timeout));
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int bytes = read(target, position.get());
        if (bytes > 0) {
            position.addAndGet(bytes);
        }
        return bytes;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int bytes = write(source, position.get());
        position.addAndGet(bytes);
        return bytes;
    }

    /** Makes everything durable that has been written. */
    public void force() throws IOException {
        requireOpen();
        access.flush(Deadline.after(timeout));
    }

    @Override
    public long position() throws IOException {
        requireOpen();
        return position.get();
    }

    @Override
    public BlockChannel position(long newPosition) throws IOException {
        requireOpen();
        if (newPosition < 0) {
            throw new IllegalArgumentException("a position is 0 or more, not " + newPosition);
        }
        position.set(newPosition);
        return this;
    }

    @Override
    public long size() throws IOException {
        requireOpen();
        return access.size();
    }

    /** Does nothing for sizes at or beyond the device's, and throws for others: who writes cannot make a device shorter. */
    @Override
    public BlockChannel truncate(long newSize) throws IOException {
        if (newSize < size()) {
            throw new IOException("a block device of " + size() + " bytes cannot be cut to " + newSize);
        }
        return this;
    }

    @Override
    public boolean isOpen() {
        return !closed.get();
    }

    @Override
    public void close() {
        closed.set(true);
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed.get()) {
            throw new ClosedChannelException();
        }
    }
}
