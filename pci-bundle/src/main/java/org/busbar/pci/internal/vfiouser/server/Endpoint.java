package org.busbar.pci.internal.vfiouser.server;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.pci.internal.Daemons;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.SocketCalls;
import org.busbar.pci.internal.vfiouser.OwnDirectories;
import org.busbar.pci.serve.ServedEndpoint;
import org.busbar.pci.serve.ServedFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A socket at which a function is offered: takes one client after the other, on a thread of its own. */
final class Endpoint implements ServedEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);
    private static final String SOCKET = "cntrl";
    private static final int BACKLOG = 8;
    private static final Duration CLOSE = Duration.ofSeconds(20);

    private final Path socket;
    private final ServedFunction served;
    private final Fd listener;
    private final Fd wake;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private @Nullable Session session;
    private boolean closed;

    private Endpoint(Path socket, ServedFunction served, Fd listener, Fd wake) {
        this.socket = socket;
        this.served = served;
        this.listener = listener;
        this.wake = wake;
        thread = Daemons.unstarted("busbar vfio-user server " + served.function().address(), this::run);
    }

    /** Makes the socket, and begins to take clients. */
    static Endpoint open(Path directory, ServedFunction served) throws IOException {
        makeDirectory(directory);
        String objection = OwnDirectories.ofThisUser().objection(directory);
        if (!objection.isEmpty()) {
            throw new IOException(directory + " " + objection);
        }
        if (!Files.isWritable(directory)) {
            throw new IOException(directory + " may not be written to by this user; serve in a directory of its own");
        }
        Path socket = directory.resolve(SOCKET);
        requireFree(socket);
        // Made under another name: who sees it under its own can connect.
        Path unready = directory.resolve(SOCKET + "." + ProcessHandle.current().pid());
        Files.deleteIfExists(unready);
        Fd listener = SocketCalls.listen(unready, BACKLOG);
        Fd wake = null;
        boolean done = false;
        try {
            wake = EventCalls.eventfd("wake-up of " + socket);
            Files.move(unready, socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Endpoint endpoint = new Endpoint(socket, served, listener, wake);
            endpoint.thread.start();
            done = true;
            return endpoint;
        } finally {
            if (!done) {
                listener.close();
                if (wake != null) {
                    wake.close();
                }
                Files.deleteIfExists(unready);
            }
        }
    }

    private static void makeDirectory(Path directory) throws IOException {
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (AccessDeniedException e) {
            throw new IOException(
                    directory + " cannot be made: this user may not write to the directory that it is to be in", e);
        }
    }

    /** Requires that nobody listens; what a server has left that has ended may be replaced. */
    private static void requireFree(Path socket) throws IOException {
        try (Fd _ = SocketCalls.connect(socket)) {
            throw new IOException(socket + " is being served already, maybe by another process");
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ECONNREFUSED) {
                throw e;
            }
        }
    }

    @Override
    public Path socket() {
        return socket;
    }

    @Override
    public boolean inUse() {
        lock.lock();
        try {
            return session != null;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        MemorySegment fds = Arena.ofAuto().allocate(EventCalls.POLLFD, 2);
        try {
            while (!isClosed()) {
                EventCalls.setPoll(fds, 0, listener.number(), EventCalls.POLLIN);
                EventCalls.setPoll(fds, 1, wake.number(), EventCalls.POLLIN);
                // No time limit: the end comes with a wake-up.
                int ready = EventCalls.poll(fds, -1);
                if (ready > 0 && EventCalls.polled(fds, 0) != 0) {
                    accept();
                } else if (ready < 0 && ready != -Errno.EINTR) {
                    throw new IllegalStateException("poll failed: " + Errno.name(-ready));
                }
            }
        } finally {
            listener.close();
            wake.close();
        }
    }

    private void accept() {
        int number = SocketCalls.accept(listener);
        if (number < 0) {
            if (number != -Errno.EAGAIN && number != -Errno.EINTR) {
                LOG.warn("{}: a client cannot be taken: {}", socket, Errno.name(-number));
            }
            return;
        }
        Session begun = new Session(socket.toString(), served, new Fd(number, "client of " + socket));
        lock.lock();
        try {
            session = begun;
            if (closed) {
                begun.hangUp();
            }
        } finally {
            lock.unlock();
        }
        try {
            begun.run();
        } catch (RuntimeException e) {
            // A defect of this program: it ends the session, which it must not outlive, and no other.
            LOG.error("{}: the session with a client has failed", socket, e);
        } finally {
            lock.lock();
            try {
                session = null;
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        Session open;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            open = session;
            EventCalls.signal(wake); // which is open: its thread closes it only once this is closed
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        } finally {
            lock.unlock();
        }
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            LOG.warn("{} stays behind: {}", socket, e.getMessage());
        }
        if (open != null) {
            open.hangUp();
        }
        try {
            if (!thread.equals(Thread.currentThread()) && !thread.join(CLOSE)) {
                LOG.error("{}: its thread does not end and is left behind", socket);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
