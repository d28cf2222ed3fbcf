package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A netlink socket on which the kernel's uevents arrive ({@code linux/netlink.h}, {@code sys/socket.h}), with the
 * credentials of who sent each. Non-blocking. One thread at a time.
 */
public final class UeventSocket implements AutoCloseable {

    private static final int AF_NETLINK = 16;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int NETLINK_KOBJECT_UEVENT = 15;
    /** The group to which the kernel sends; udev sends to group 2. */
    private static final int KERNEL_GROUP = 1;

    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_PASSCRED = 16;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SCM_CREDENTIALS = 2;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_CTRUNC = 0x8;

    /** {@code struct sockaddr_nl}. */
    static final StructLayout SOCKADDR_NL = MemoryLayout.structLayout(
            JAVA_SHORT.withName("nl_family"),
            MemoryLayout.paddingLayout(2),
            JAVA_INT.withName("nl_pid"),
            JAVA_INT.withName("nl_groups"));

    /** {@code struct iovec}. */
    static final StructLayout IOVEC =
            MemoryLayout.structLayout(ADDRESS.withName("iov_base"), JAVA_LONG.withName("iov_len"));

    /** {@code struct msghdr}. */
    static final StructLayout MSGHDR = MemoryLayout.structLayout(
            ADDRESS.withName("msg_name"),
            JAVA_INT.withName("msg_namelen"),
            MemoryLayout.paddingLayout(4),
            ADDRESS.withName("msg_iov"),
            JAVA_LONG.withName("msg_iovlen"),
            ADDRESS.withName("msg_control"),
            JAVA_LONG.withName("msg_controllen"),
            JAVA_INT.withName("msg_flags"),
            MemoryLayout.paddingLayout(4));

    /** {@code struct cmsghdr} followed by {@code struct ucred}. */
    static final StructLayout CREDENTIALS = MemoryLayout.structLayout(
            JAVA_LONG.withName("cmsg_len"),
            JAVA_INT.withName("cmsg_level"),
            JAVA_INT.withName("cmsg_type"),
            JAVA_INT.withName("pid"),
            JAVA_INT.withName("uid"),
            JAVA_INT.withName("gid"),
            MemoryLayout.paddingLayout(4));

    private static final MethodHandle SOCKET =
            Native.link("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            Native.link("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SETSOCKOPT = Native.link(
            "setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle RECVMSG =
            Native.link("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

    private final Arena arena = Arena.ofShared();
    private final MemorySegment sender = arena.allocate(SOCKADDR_NL);
    private final MemorySegment control = arena.allocate(256, 8);
    private final MemorySegment vector = arena.allocate(IOVEC);
    private final MemorySegment header = arena.allocate(MSGHDR);
    private final MemorySegment buffer;
    private final Fd fd;

    private UeventSocket(Fd fd, int largest) {
        this.fd = fd;
        this.buffer = arena.allocate(largest, 8);
    }

    /**
     * Opens the socket.
     *
     * @param largest largest message in bytes; longer ones are cut off and come as not from the kernel
     * @param room bytes that may wait to be received before the kernel drops messages; as many as is allowed are got
     */
    public static UeventSocket open(int largest, int room) throws ErrnoException {
        int number = socket();
        if (number < 0) {
            throw new ErrnoException("socket", -number, "AF_NETLINK, NETLINK_KOBJECT_UEVENT");
        }
        UeventSocket socket = new UeventSocket(new Fd(number, "uevents"), largest);
        try {
            socket.prepare(room);
            return socket;
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
    }

    private void prepare(int room) throws ErrnoException {
        // Beyond the system's limit is for the privileged only; others get up to the limit.
        if (setOption(SO_RCVBUFFORCE, room) < 0) {
            require(setOption(SO_RCVBUF, room), "setsockopt", "SO_RCVBUF");
        }
        require(setOption(SO_PASSCRED, 1), "setsockopt", "SO_PASSCRED");
        sender.fill((byte) 0);
        sender.set(JAVA_SHORT, 0, (short) AF_NETLINK);
        sender.set(JAVA_INT, 8, KERNEL_GROUP);
        require(bind(), "bind", "NETLINK_KOBJECT_UEVENT, group 1");
    }

    private static void require(int result, String call, String arguments) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, -result, arguments);
        }
    }

    /** Returns what to poll. */
    public Fd fd() {
        return fd;
    }

    /**
     * Receives a message, if there is one.
     *
     * @param into where the message is copied to
     * @return its length; 0 for a message that is not to be trusted: not sent by the kernel itself, or cut off; or a
     *     negated errno: EAGAIN if there is none, ENOBUFS if messages were lost
     */
    public int receive(byte[] into) {
        vector.set(ADDRESS, 0, buffer);
        vector.set(JAVA_LONG, 8, buffer.byteSize());
        header.set(ADDRESS, 0, sender);
        header.set(JAVA_INT, 8, (int) SOCKADDR_NL.byteSize());
        header.set(ADDRESS, 16, vector);
        header.set(JAVA_LONG, 24, 1);
        header.set(ADDRESS, 32, control);
        header.set(JAVA_LONG, 40, control.byteSize());
        header.set(JAVA_INT, 48, 0);
        long length = recvmsg();
        if (length < 0) {
            return (int) length;
        }
        if (!isFromKernel() || length > into.length) {
            return 0;
        }
        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, 0, (int) length);
        return (int) length;
    }

    /** Anybody may send to the group who has CAP_NET_ADMIN in some user namespace; only the kernel has port 0 and uid 0. */
    private boolean isFromKernel() {
        return (header.get(JAVA_INT, 48) & (MSG_TRUNC | MSG_CTRUNC)) == 0
                && header.get(JAVA_INT, 8) == SOCKADDR_NL.byteSize()
                && sender.get(JAVA_INT, 4) == 0
                && header.get(JAVA_LONG, 40) >= 28
                && control.get(JAVA_LONG, 0) >= 28
                && control.get(JAVA_INT, 8) == SOL_SOCKET
                && control.get(JAVA_INT, 12) == SCM_CREDENTIALS
                && control.get(JAVA_INT, 20) == 0;
    }

    private static int socket() {
        MemorySegment state = Native.state();
        try {
            int type = SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
            return Native.result((int) SOCKET.invokeExact(state, AF_NETLINK, type, NETLINK_KOBJECT_UEVENT), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private int setOption(int option, int value) {
        MemorySegment state = Native.state();
        control.set(JAVA_INT, 0, value);
        try {
            return Native.result(
                    (int) SETSOCKOPT.invokeExact(state, fd.number(), SOL_SOCKET, option, control, 4), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private int bind() {
        MemorySegment state = Native.state();
        try {
            return Native.result(
                    (int) BIND.invokeExact(state, fd.number(), sender, (int) SOCKADDR_NL.byteSize()), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private long recvmsg() {
        MemorySegment state = Native.state();
        try {
            return Native.result((long) RECVMSG.invokeExact(state, fd.number(), header, 0), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    @Override
    public void close() {
        fd.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
