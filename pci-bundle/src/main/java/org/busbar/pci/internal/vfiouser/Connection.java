package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.pci.internal.Daemons;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.vfio.Uninterruptibly;
import org.busbar.pci.internal.vfiouser.wire.Command;
import org.busbar.pci.internal.vfiouser.wire.Header;
import org.busbar.pci.internal.vfiouser.wire.MalformedMessageException;
import org.busbar.pci.internal.vfiouser.wire.Message;
import org.busbar.pci.internal.vfiouser.wire.MessageSocket;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a connection. Any thread asks, several at once; a thread of its own takes the replies, and the
 * server's questions. Once anything has gone wrong the connection is closed with a reason, and every exchange fails with it.
 */
final class Connection {

    /** Answers the server's questions. Called on the connection's thread; waits for nothing. */
    interface Requests {

        /**
         * Answers a question.
         *
         * @return the payload of the reply
         * @throws ErrnoException with what to reply instead
         */
        ByteBuffer answer(int command, ByteBuffer payload) throws IOException;
    }

    private final String name;
    private final MessageSocket socket;
    private final long patienceMillis;
    private final Requests requests;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by lock.
    private final Map<Integer, Exchange> open = new HashMap<>();
    private int nextId;
    private @Nullable String reason;
    private boolean ended;

    /** A question that waits for its reply. */
    private static final class Exchange {
        private final int command;
        private final int mostDescriptors;
        private @Nullable Message reply;

        Exchange(int command, int mostDescriptors) {
            this.command = command;
            this.mostDescriptors = mostDescriptors;
        }
    }

    /**
     * Takes over a connected socket.
     *
     * @param name of the endpoint, for messages
     * @param patienceMillis how long an exchange may take
     */
    Connection(String name, Fd socket, long patienceMillis, Requests requests) {
        this.name = name;
        this.socket = new MessageSocket(socket);
        this.patienceMillis = patienceMillis;
        this.requests = requests;
        thread = Daemons.unstarted("busbar vfio-user " + name, this::run);
    }

    void start() {
        thread.start();
    }

    String name() {
        return name;
    }

    /** Asks, and returns what the reply says; the reply comes without descriptors. */
    ByteBuffer ask(int command, ByteBuffer payload, List<Fd> descriptors) throws IOException {
        try (Message reply = ask(command, payload, descriptors, 0)) {
            return reply.payload();
        }
    }

    /**
     * Asks, and returns the reply, which the caller closes.
     *
     * @param mostDescriptors how many descriptors may come with the reply
     * @throws ErrnoException if the reply says that it has failed
     * @throws IOException if the connection is closed, or is now, because no reply came in time
     */
    Message ask(int command, ByteBuffer payload, List<Fd> descriptors, int mostDescriptors) throws IOException {
        return ask(command, payload, descriptors, mostDescriptors, Deadline.afterMillis(patienceMillis));
    }

    /** Asks for something that takes no data and gives none; waits until a deadline, and no longer than for any other reply. */
    void ask(int command, Deadline deadline) throws IOException {
        Deadline earlier = deadline.orEarlier(Deadline.afterMillis(patienceMillis));
        ask(command, ByteBuffer.allocate(0), List.of(), 0, earlier).close();
    }

    private Message ask(
            int command, ByteBuffer payload, List<Fd> descriptors, int mostDescriptors, Deadline deadline)
            throws IOException {
        long millis = deadline.remaining(TimeUnit.MILLISECONDS);
        Exchange exchange = new Exchange(command, mostDescriptors);
        int id = begin(exchange);
        Message reply = null;
        try {
            socket.send(Header.command(id, command, payload.remaining()), payload, descriptors, deadline);
            reply = await(exchange, deadline);
        } catch (IOException e) {
            throw close("cannot be sent " + Command.name(command) + ": " + e.getMessage());
        } finally {
            end(id, reply == null);
        }
        if (reply == null) {
            throw close("did not answer " + Command.name(command) + " within " + millis + " ms");
        }
        if (reply.header().isFailure()) {
            reply.close();
            throw new ErrnoException(Command.name(command), reply.header().error(), name);
        }
        return reply;
    }

    private int begin(Exchange exchange) throws IOException {
        lock.lock();
        try {
            if (reason != null) {
                throw new IOException(name + " " + reason);
            }
            while (open.containsKey(nextId)) {
                nextId = nextId + 1 & 0xffff;
            }
            int id = nextId;
            nextId = nextId + 1 & 0xffff;
            open.put(id, exchange);
            return id;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the reply, or null if there is none by the deadline or before the end of the connection. */
    private @Nullable Message await(Exchange exchange, Deadline deadline) {
        Uninterruptibly.await(deadline, nanos -> {
            long left = nanos;
            lock.lock();
            try {
                while (exchange.reply == null && reason == null && left > 0) {
                    left = changed.awaitNanos(left);
                }
                return exchange.reply != null;
            } finally {
                lock.unlock();
            }
        });
        lock.lock();
        try {
            return exchange.reply;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets an exchange; a reply that came when nobody waited any more is closed, with what came along. */
    private void end(int id, boolean unanswered) {
        Exchange exchange;
        lock.lock();
        try {
            exchange = open.remove(id);
        } finally {
            lock.unlock();
        }
        // Nobody replies to it from here on.
        if (unanswered && exchange != null && exchange.reply != null) {
            exchange.reply.close();
        }
    }

    /** Closes the connection, unless it is; returns what to throw, with the reason why it was closed first. */
    IOException close(String why) {
        String first;
        lock.lock();
        try {
            if (reason == null) {
                reason = why;
            }
            first = reason;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        socket.shutDown();
        return new IOException(name + " " + first);
    }

    /** Waits until the connection has ended, without a limit; returns why. */
    String awaitEnd() throws InterruptedException {
        lock.lock();
        try {
            while (!ended) {
                changed.await();
            }
            return String.valueOf(reason);
        } finally {
            lock.unlock();
        }
    }

    /** Returns why the connection is closed, or nothing if it is not. */
    @Nullable
    String reason() {
        lock.lock();
        try {
            return reason;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            Message message = socket.receive(null);
            while (message != null) {
                take(message);
                message = socket.receive(null);
            }
            IOException _ = close("has hung up");
        } catch (MalformedMessageException e) {
            IOException _ = close("breaks the protocol: " + e.getMessage());
        } catch (IOException e) {
            IOException _ = close("has failed: " + e.getMessage());
        } finally {
            IOException _ = close("was given up by a defect of this program"); // unless there is a reason already
            socket.close();
            lock.lock();
            try {
                ended = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void take(Message message) throws IOException {
        if (message.header().isReply()) {
            boolean taken = false;
            try {
                complete(message);
                taken = true;
            } finally {
                if (!taken) {
                    message.close();
                }
            }
        } else {
            try (message) {
                message.descriptors().require(Command.name(message.header().command()), 0, 0);
                answer(message);
            }
        }
    }

    private void complete(Message reply) throws MalformedMessageException {
        Header header = reply.header();
        lock.lock();
        try {
            Exchange exchange = open.get(header.id());
            if (exchange == null || exchange.command != header.command() || exchange.reply != null) {
                throw new MalformedMessageException(
                        "a reply to %s that nobody has asked for".formatted(Command.name(header.command())));
            }
            reply.descriptors()
                    .require("the reply to " + Command.name(header.command()), 0,
                            header.isFailure() ? 0 : exchange.mostDescriptors);
            exchange.reply = reply;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void answer(Message question) throws IOException {
        Header header = question.header();
        Header reply;
        ByteBuffer payload = ByteBuffer.allocate(0);
        try {
            payload = requests.answer(header.command(), question.payload());
            reply = header.reply(payload.remaining());
        } catch (ErrnoException e) {
            reply = header.failure(e.errno());
        }
        if (header.wantsReply()) {
            socket.send(reply, payload, List.of(), Deadline.afterMillis(patienceMillis));
        }
    }
}
