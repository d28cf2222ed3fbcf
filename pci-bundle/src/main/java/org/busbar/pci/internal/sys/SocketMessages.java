package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * Sends and receives bytes and descriptors over a connected socket (sendmsg(2), recvmsg(2), SCM_RIGHTS). For one thread
 * at a time; nothing is allocated per call but what owns a descriptor.
 */
public final class SocketMessages {

    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_CTRUNC = 0x8;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

    // struct iovec, struct msghdr and struct cmsghdr of 64-bit Linux.
    private static final long IOVEC_SIZE = 16;
    private static final long MSGHDR_SIZE = 56;
    private static final int CMSG_HEADER = 16;

    private static final FunctionDescriptor TYPE = FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SENDMSG = Native.link("sendmsg", TYPE);
    private static final MethodHandle RECVMSG = Native.link("recvmsg", TYPE);

    private final Fd socket;
    private final int most;
    private final MemorySegment vector;
    private final MemorySegment header;
    private final MemorySegment control;
    private boolean truncated;

    /** @param most descriptors that come or go with one call */
    public SocketMessages(Fd socket, int most) {
        this.socket = socket;
        this.most = most;
        Arena arena = Arena.ofAuto();
        vector = arena.allocate(IOVEC_SIZE, Long.BYTES);
        header = arena.allocate(MSGHDR_SIZE, Long.BYTES);
        control = arena.allocate(CMSG_HEADER + (most + 1L & -2L) * Integer.BYTES, Long.BYTES);
    }

    /**
     * Sends bytes, as many as there is room for; descriptors go with the first of them.
     *
     * @return how many bytes, or a negated errno: EAGAIN if there is no room, EPIPE if the other end is closed
     */
    public long send(MemorySegment bytes, List<Fd> descriptors) {
        if (descriptors.size() > most) {
            throw new IllegalArgumentException(descriptors.size() + " descriptors, more than " + most);
        }
        long length = 0;
        if (!descriptors.isEmpty()) {
            length = CMSG_HEADER + (long) descriptors.size() * Integer.BYTES;
            control.set(JAVA_LONG, 0, length);
            control.set(JAVA_INT, 8, SOL_SOCKET);
            control.set(JAVA_INT, 12, SCM_RIGHTS);
            for (int i = 0; i < descriptors.size(); i++) {
                control.set(JAVA_INT, CMSG_HEADER + (long) i * Integer.BYTES, descriptors.get(i).number());
            }
        }
        prepare(bytes, length);
        return call(SENDMSG, MSG_DONTWAIT | MSG_NOSIGNAL);
    }

    /**
     * Receives bytes, and the descriptors that came with them.
     *
     * @param into where the bytes go
     * @param descriptors where the descriptors go, at most as many as was said
     * @return how many bytes, 0 at the end, or a negated errno: EAGAIN if there are none
     */
    public long receive(MemorySegment into, List<Fd> descriptors) {
        prepare(into, control.byteSize());
        long result = call(RECVMSG, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (result >= 0) {
            truncated = (header.get(JAVA_INT, 48) & MSG_CTRUNC) != 0;
            takeDescriptors(descriptors);
        }
        return result;
    }

    /** Returns whether more descriptors came with the last bytes than were taken; the others are closed. */
    public boolean truncated() {
        return truncated;
    }

    private void prepare(MemorySegment bytes, long controlLength) {
        vector.set(ADDRESS, 0, bytes);
        vector.set(JAVA_LONG, 8, bytes.byteSize());
        header.set(ADDRESS, 0, MemorySegment.NULL);
        header.set(JAVA_INT, 8, 0);
        header.set(ADDRESS, 16, vector);
        header.set(JAVA_LONG, 24, 1);
        header.set(ADDRESS, 32, controlLength == 0 ? MemorySegment.NULL : control);
        header.set(JAVA_LONG, 40, controlLength);
        header.set(JAVA_INT, 48, 0);
    }

    private void takeDescriptors(List<Fd> descriptors) {
        long given = header.get(JAVA_LONG, 40);
        if (given < CMSG_HEADER || control.get(JAVA_INT, 8) != SOL_SOCKET
                || control.get(JAVA_INT, 12) != SCM_RIGHTS) {
            return; // no other kind was asked for, so there is none
        }
        long end = Math.min(given, Math.min(control.get(JAVA_LONG, 0), control.byteSize()));
        for (long at = CMSG_HEADER; at + Integer.BYTES <= end; at += Integer.BYTES) {
            descriptors.add(new Fd(control.get(JAVA_INT, at), "received by " + socket.name()));
        }
    }

    private long call(MethodHandle handle, int flags) {
        MemorySegment state = Native.state();
        try {
            return Native.result((long) handle.invokeExact(state, socket.number(), header, flags), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}
