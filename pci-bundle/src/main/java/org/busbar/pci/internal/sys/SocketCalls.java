package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Makes stream sockets in the file system ({@code sys/socket.h}, unix(7)): not blocking, closed on exec. */
public final class SocketCalls {

    /** How long the path of a socket may be, in bytes ({@code sun_path} without the final NUL). */
    public static final int LONGEST_PATH = 107;

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SHUT_RDWR = 2;
    /** {@code sizeof(struct sockaddr_un)}. */
    private static final int SOCKADDR_UN_SIZE = 110;

    private static final FunctionDescriptor WITH_ADDRESS =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SOCKET =
            Native.link("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle SOCKETPAIR =
            Native.link("socketpair", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle CONNECT = Native.link("connect", WITH_ADDRESS);
    private static final MethodHandle BIND = Native.link("bind", WITH_ADDRESS);
    private static final MethodHandle LISTEN =
            Native.link("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle ACCEPT4 =
            Native.link("accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle SHUTDOWN =
            Native.link("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

    private SocketCalls() {}

    /**
     * Connects to a socket.
     *
     * @throws ErrnoException ECONNREFUSED if nobody listens, EAGAIN if too many are waiting already
     */
    public static Fd connect(Path path) throws ErrnoException {
        return withAddress(path, "connect", CONNECT);
    }

    /** Makes a socket at a path that is not there yet, and listens; {@link #accept} does not block. */
    public static Fd listen(Path path, int backlog) throws ErrnoException {
        Fd socket = withAddress(path, "bind", BIND);
        MemorySegment state = Native.state();
        int result;
        try {
            result = Native.result((int) LISTEN.invokeExact(state, socket.number(), backlog), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result < 0) {
            socket.close();
            throw new ErrnoException("listen", -result, path.toString());
        }
        return socket;
    }

    /** Accepts a connection; returns a descriptor, or a negated errno: EAGAIN if nobody waits. */
    public static int accept(Fd listener) {
        MemorySegment state = Native.state();
        try {
            return Native.result(
                    (int) ACCEPT4.invokeExact(state, listener.number(), MemorySegment.NULL, MemorySegment.NULL,
                            SOCK_NONBLOCK | SOCK_CLOEXEC),
                    state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Makes two sockets that are connected to each other. */
    public static Fd[] pair(String name) throws ErrnoException {
        MemorySegment state = Native.state();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment numbers = arena.allocate(JAVA_INT, 2);
            int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
            int result = Native.result((int) SOCKETPAIR.invokeExact(state, AF_UNIX, type, 0, numbers), state);
            if (result < 0) {
                throw new ErrnoException("socketpair", -result, name);
            }
            return new Fd[] {new Fd(numbers.get(JAVA_INT, 0), name), new Fd(numbers.get(JAVA_INT, 4), name)};
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Ends a connection in both directions, which wakes up whoever waits for it. Its descriptor stays open. */
    public static void shutDown(Fd socket) {
        MemorySegment state = Native.state();
        try {
            int ignored = (int) SHUTDOWN.invokeExact(state, socket.number(), SHUT_RDWR);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private static Fd withAddress(Path path, String call, MethodHandle handle) throws ErrnoException {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length > LONGEST_PATH) {
            throw new ErrnoException(call, Errno.ENAMETOOLONG,
                    path + ", " + name.length + " bytes; the path of a socket has at most " + LONGEST_PATH);
        }
        Fd socket = new Fd(socket(), path.toString());
        MemorySegment state = Native.state();
        int result;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SOCKADDR_UN_SIZE, Long.BYTES);
            address.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(MemorySegment.ofArray(name), 0, address, 2, name.length);
            result = Native.result(
                    (int) handle.invokeExact(state, socket.number(), address, SOCKADDR_UN_SIZE), state);
        } catch (Throwable t) {
            socket.close();
            throw Native.unexpected(t);
        }
        if (result < 0) {
            socket.close();
            throw new ErrnoException(call, -result, path.toString());
        }
        return socket;
    }

    private static int socket() throws ErrnoException {
        MemorySegment state = Native.state();
        int result;
        try {
            int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
            result = Native.result((int) SOCKET.invokeExact(state, AF_UNIX, type, 0), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result < 0) {
            throw new ErrnoException("socket", -result, "AF_UNIX");
        }
        return result;
    }
}
