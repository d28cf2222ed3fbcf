package org.busbar.pci.internal.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.busbar.pci.internal.Daemons;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.UeventSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the kernel's uevents on a thread of its own and passes on what concerns PCI devices. Who else sends to the
 * socket is not listened to. The kernel dropping messages, because they came too fast, is passed on as well.
 */
final class UeventListener implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UeventListener.class);
    private static final int LARGEST_MESSAGE = 16 * 1024;
    private static final int ROOM = 16 * 1024 * 1024;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final Source socket;
    private final Fd wakeUp;
    private final Sink sink;
    private final Thread thread;
    private volatile boolean closed;
    private volatile long untrusted;

    /** Where messages come from, see {@link UeventSocket}. */
    interface Source extends AutoCloseable {

        /** Returns what to poll. */
        Fd fd();

        /** Returns the length of the message received, 0 if it is not to be trusted, or a negated errno. */
        int receive(byte[] into);

        @Override
        void close();
    }

    private record Kernel(UeventSocket socket) implements Source {

        @Override
        public Fd fd() {
            return socket.fd();
        }

        @Override
        public int receive(byte[] into) {
            return socket.receive(into);
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /** Takes what is received; called from the listener's thread. */
    interface Sink {

        /**
         * The kernel says that something happened to a PCI device.
         *
         * @param action {@code add}, {@code remove}, {@code bind}, {@code unbind}, {@code change} or others
         * @param key number of its address, see {@link AddressText}, or {@link AddressText#NONE}
         */
        void event(String action, long key);

        /** Messages were lost. */
        void overflow();

        /** There will be no more messages, because of an error. */
        void failed(String why);
    }

    private UeventListener(Source socket, Fd wakeUp, Sink sink) {
        this.socket = socket;
        this.wakeUp = wakeUp;
        this.sink = sink;
        // A platform thread: poll pins.
        this.thread = Daemons.unstarted("busbar-uevents", this::run);
    }

    static UeventListener start(Sink sink) throws ErrnoException {
        return start(new Kernel(UeventSocket.open(LARGEST_MESSAGE, ROOM)), sink);
    }

    /** Starts to listen to a source, which is closed with the listener. */
    static UeventListener start(Source socket, Sink sink) throws ErrnoException {
        try {
            UeventListener listener = new UeventListener(socket, EventCalls.eventfd("uevent wake-up"), sink);
            listener.thread.start();
            return listener;
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
    }

    private void run() {
        UeventText message = new UeventText();
        byte[] bytes = new byte[LARGEST_MESSAGE];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fds = arena.allocate(EventCalls.POLLFD, 2);
            while (!closed) {
                EventCalls.setPoll(fds, 0, socket.fd().number(), EventCalls.POLLIN);
                EventCalls.setPoll(fds, 1, wakeUp.number(), EventCalls.POLLIN);
                int ready = EventCalls.poll(fds, -1);
                if (ready < 0 && ready != -Errno.EINTR) {
                    sink.failed("poll: " + Errno.name(-ready));
                    return;
                }
                if (ready > 0 && EventCalls.polled(fds, 0) != 0 && !receiveAll(message, bytes)) {
                    return;
                }
            }
        }
    }

    /** Returns whether there may be more later. */
    private boolean receiveAll(UeventText message, byte[] bytes) {
        while (!closed) {
            int length = socket.receive(bytes);
            if (length > 0) {
                deliver(message, bytes, length);
            } else if (length == 0) {
                distrust();
            } else if (length == -Errno.EAGAIN) {
                return true;
            } else if (length == -Errno.ENOBUFS) {
                sink.overflow();
            } else if (length != -Errno.EINTR) {
                sink.failed("recvmsg: " + Errno.name(-length));
                return false;
            }
        }
        return false;
    }

    private void deliver(UeventText message, byte[] bytes, int length) {
        message.parseMessage(bytes, length);
        if (message.isPci()) {
            sink.event(message.action(), message.address());
        }
    }

    private void distrust() {
        long count = untrusted + 1;
        untrusted = count;
        if (count == 1) {
            LOG.warn("A uevent that the kernel did not send, or that is too long, is ignored. Further ones are only"
                    + " counted");
        }
    }

    /** Returns how many messages were ignored because the kernel did not send them. */
    long untrusted() {
        return untrusted;
    }

    /** Ends it; when this returns the sink is not called any more, unless this is called from within it. */
    @Override
    public void close() {
        closed = true;
        try {
            EventCalls.signal(wakeUp);
        } catch (ErrnoException | IllegalStateException e) {
            LOG.debug("The uevent listener cannot be woken up: it has ended", e);
        }
        if (thread.equals(Thread.currentThread())) {
            return;
        }
        if (Joiner.join(thread, CLOSE_TIMEOUT)) {
            socket.close();
            wakeUp.close();
        } else {
            LOG.warn("The uevent listener did not end within {} s; its socket stays open", CLOSE_TIMEOUT.toSeconds());
        }
    }
}
