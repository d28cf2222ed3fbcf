package org.busbar.pci.internal.vfiouser.wire;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.SocketCalls;
import org.busbar.pci.internal.sys.SocketMessages;
import org.jspecify.annotations.Nullable;

/**
 * A connection that carries messages and descriptors. Any thread sends; one receives, and it alone closes, so that nobody
 * has the number of a closed descriptor in his hands. Whoever wants to end the connection shuts it down, which the receiver
 * notices. A connection on which anything has failed is of no more use.
 */
public final class MessageSocket implements AutoCloseable {

    /** The most descriptors that are taken with one message. */
    public static final int MOST_DESCRIPTORS = 64;
    /** The most data that is taken in one message. */
    public static final int MOST_DATA = 1 << 20;
    /** The longest message that is taken: data, and the structures before it. */
    public static final int LARGEST = MOST_DATA + 64;
    /** How long the rest of a message may take once it has begun. */
    private static final long REST_MILLIS = 5_000;

    private static final int PIECE = 64 << 10;

    private final Fd socket;
    private final MemorySegment incoming = Arena.ofAuto().allocate(PIECE, Long.BYTES);
    private final MemorySegment toReceive = Arena.ofAuto().allocate(EventCalls.POLLFD);
    private final SocketMessages receiving;
    private final ReentrantLock sendLock = new ReentrantLock();
    // Guarded by sendLock.
    private final MemorySegment outgoing = Arena.ofAuto().allocate(PIECE, Long.BYTES);
    private final MemorySegment toSend = Arena.ofAuto().allocate(EventCalls.POLLFD);
    private final SocketMessages sending;
    private final ReentrantLock life = new ReentrantLock();
    /** Guarded by {@link #life}. */
    private boolean closed;

    /**
     * Takes over a socket.
     *
     * @param socket connected; closed with this
     */
    public MessageSocket(Fd socket) {
        this.socket = socket;
        receiving = new SocketMessages(socket, MOST_DESCRIPTORS);
        sending = new SocketMessages(socket, MOST_DESCRIPTORS);
    }

    /**
     * Sends a message.
     *
     * @throws IOException if that is not possible by the deadline
     */
    public void send(Header header, ByteBuffer payload, List<Fd> descriptors, Deadline deadline) throws IOException {
        ByteBuffer message = Form.buffer(header.size());
        header.encode(message);
        message.put(payload.duplicate()).flip();
        sendLock.lock();
        try {
            requireOpen();
            List<Fd> first = descriptors;
            while (message.hasRemaining()) {
                int sent = send(message, first, deadline);
                message.position(message.position() + sent);
                first = sent > 0 ? List.of() : first;
            }
        } finally {
            sendLock.unlock();
        }
    }

    private void requireOpen() throws EOFException {
        life.lock();
        try {
            if (closed) {
                throw new EOFException("the connection is closed");
            }
        } finally {
            life.unlock();
        }
    }

    private int send(ByteBuffer message, List<Fd> descriptors, Deadline deadline) throws IOException {
        MemorySegment piece = outgoing.asSlice(0, Math.min(PIECE, message.remaining()));
        MemorySegment.copy(MemorySegment.ofBuffer(message), 0, piece, 0, piece.byteSize());
        long result = sending.send(piece, descriptors);
        if (result == -Errno.EAGAIN) {
            await(toSend, EventCalls.POLLOUT, deadline, "take a message");
            return 0;
        }
        return checked("sendmsg", result);
    }

    /**
     * Receives the next message; the caller closes it.
     *
     * @param start how long to wait for its beginning, null for as long as the connection lasts; its rest has some seconds
     * @return nothing if the connection has ended
     * @throws IOException if the connection is broken: time is up, it ends within a message, or the message is none
     */
    public @Nullable Message receive(@Nullable Deadline start) throws IOException {
        List<Fd> descriptors = new ArrayList<>();
        boolean done = false;
        try {
            ByteBuffer head = Form.buffer(Header.SIZE);
            if (!fill(head, descriptors, start)) {
                return null;
            }
            Header header = Header.decode(head.flip(), LARGEST);
            ByteBuffer payload = Form.buffer(header.payload());
            if (payload.hasRemaining() && !fill(payload, descriptors, Deadline.afterMillis(REST_MILLIS))) {
                throw new EOFException("the connection ended within a message");
            }
            done = true;
            return new Message(header, payload.flip(), new Descriptors(descriptors));
        } finally {
            if (!done) {
                descriptors.forEach(Fd::close);
            }
        }
    }

    /** Fills a buffer; returns false if the connection ends before the first byte. */
    private boolean fill(ByteBuffer bytes, List<Fd> descriptors, @Nullable Deadline start) throws IOException {
        Deadline deadline = start;
        boolean begun = false;
        while (bytes.hasRemaining()) {
            MemorySegment piece = incoming.asSlice(0, Math.min(PIECE, bytes.remaining()));
            long result = receiving.receive(piece, descriptors);
            if (receiving.truncated() || descriptors.size() > MOST_DESCRIPTORS) {
                throw new MalformedMessageException(
                        "more than " + MOST_DESCRIPTORS + " descriptors came with one message");
            }
            if (result == -Errno.EAGAIN) {
                await(toReceive, EventCalls.POLLIN, deadline, bytes.position() == 0 ? "answer" : "send the rest");
            } else if (result == 0 || result == -Errno.ECONNRESET) {
                if (bytes.position() > 0) {
                    throw new EOFException("the connection ended within a message");
                }
                return false;
            } else {
                bytes.put(piece.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN).limit(checked("recvmsg", result)));
                if (!begun) {
                    begun = true;
                    deadline = Deadline.afterMillis(REST_MILLIS);
                }
            }
        }
        return true;
    }

    private int checked(String call, long result) throws ErrnoException {
        if (result < 0 && result != -Errno.EINTR) {
            throw new ErrnoException(call, (int) -result, socket.name());
        }
        return (int) Math.max(0, result);
    }

    private void await(MemorySegment fds, short events, @Nullable Deadline deadline, String what) throws IOException {
        EventCalls.setPoll(fds, 0, socket.number(), events);
        int millis =
                deadline == null ? -1 : (int) Math.min(Integer.MAX_VALUE, deadline.remaining(TimeUnit.MILLISECONDS));
        int ready = EventCalls.poll(fds, millis);
        if (ready == 0 && deadline != null && deadline.expired()) {
            throw new IOException("the other side did not " + what + " in time");
        }
        if (ready < 0 && ready != -Errno.EINTR) {
            throw new ErrnoException("poll", -ready, socket.name());
        }
    }

    /** Ends the connection, which the receiver notices. Any thread, any number of times. */
    public void shutDown() {
        life.lock(); // which keeps the descriptor open
        try {
            if (!closed) {
                SocketCalls.shutDown(socket);
            }
        } finally {
            life.unlock();
        }
    }

    /** Closes the connection. By the receiver only. */
    @Override
    public void close() {
        shutDown(); // whoever waits until there is room for a message waits no more
        sendLock.lock();
        life.lock();
        try {
            closed = true;
            socket.close();
        } finally {
            life.unlock();
            sendLock.unlock();
        }
    }
}
