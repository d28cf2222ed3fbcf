package org.busbar.shell.nvme.internal.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;

/**
 * A connection, with deadlines. One thread may read while another writes; any may close it, which ends both.
 */
final class Wire implements AutoCloseable {

    private static final long LONGEST_WAIT_MILLIS = TimeUnit.HOURS.toMillis(1);

    private final SocketChannel channel;
    private final Selector readable;
    private final Selector writable;

    Wire(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        readable = Selector.open();
        writable = Selector.open();
        channel.register(readable, SelectionKey.OP_READ);
        channel.register(writable, SelectionKey.OP_WRITE);
    }

    /**
     * Waits, for as long as it takes, for something to read.
     *
     * @return whether there is something; false if the client has ended the connection
     */
    boolean readFirst(ByteBuffer target) throws IOException {
        while (true) {
            int count = channel.read(target);
            if (count != 0) {
                return count > 0;
            }
            select(readable, LONGEST_WAIT_MILLIS);
        }
    }

    /**
     * Fills a buffer.
     *
     * @throws EOFException if the client ends the connection before
     * @throws SlowClientException if the deadline passes before
     */
    void readFully(ByteBuffer target, Deadline deadline) throws IOException {
        while (target.hasRemaining()) {
            int count = channel.read(target);
            if (count < 0) {
                throw new EOFException("the client has ended the connection in the middle of something");
            }
            if (count == 0) {
                await(readable, deadline, "to send the rest of what it has begun");
            }
        }
    }

    /**
     * Writes buffers.
     *
     * @param count how many of the buffers
     * @throws SlowClientException if the client has not taken all before the deadline
     */
    void write(ByteBuffer[] buffers, int count, Deadline deadline) throws IOException {
        int first = 0;
        while (true) {
            while (first < count && !buffers[first].hasRemaining()) {
                first++;
            }
            if (first == count) {
                return;
            }
            if (channel.write(buffers, first, count - first) == 0) {
                await(writable, deadline, "to take replies");
            }
        }
    }

    void write(ByteBuffer buffer, Deadline deadline) throws IOException {
        write(new ByteBuffer[] {buffer}, 1, deadline);
    }

    private void await(Selector selector, Deadline deadline, String what) throws IOException {
        long millis = deadline.remaining(TimeUnit.MILLISECONDS);
        if (millis == 0) {
            throw new SlowClientException("the client takes too long " + what);
        }
        select(selector, Math.min(millis, LONGEST_WAIT_MILLIS));
    }

    private void select(Selector selector, long millis) throws IOException {
        try {
            selector.select(key -> {}, millis);
        } catch (ClosedSelectorException e) {
            throw new AsynchronousCloseException();
        }
    }

    /** Returns whether it is still open. */
    boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        try (channel; readable; writable) {
            // Closing a selector wakes who waits in it.
            channel.shutdownOutput();
        } catch (ClosedChannelException e) {
            // It was closed already.
        }
    }
}
