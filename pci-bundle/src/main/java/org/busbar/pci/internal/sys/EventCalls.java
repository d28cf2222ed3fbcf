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
import java.lang.invoke.MethodHandle;

/** Waits for descriptors ({@code poll.h}), and event counters to wake up by ({@code sys/eventfd.h}). */
public final class EventCalls {

    public static final short POLLIN = 1;
    public static final short POLLOUT = 4;
    public static final short POLLERR = 8;
    public static final short POLLHUP = 0x10;
    public static final short POLLNVAL = 0x20;
    /** The other end has closed, or will send no more. */
    public static final short POLLRDHUP = 0x2000;
    public static final int EFD_CLOEXEC = 0x80000;
    public static final int EFD_NONBLOCK = 0x800;

    /** {@code struct pollfd}. */
    public static final StructLayout POLLFD = MemoryLayout.structLayout(
            JAVA_INT.withName("fd"), JAVA_SHORT.withName("events"), JAVA_SHORT.withName("revents"));

    private static final MethodHandle POLL =
            Native.link("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle EVENTFD =
            Native.link("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

    private EventCalls() {}

    /**
     * Waits until a descriptor is ready. Blocks: from platform threads only.
     *
     * @param fds array of {@link #POLLFD}
     * @param milliseconds at most so long, -1 for ever
     * @return how many are ready, 0 if the time is up, or a negated errno (EINTR among them)
     */
    public static int poll(MemorySegment fds, int milliseconds) {
        MemorySegment state = Native.state();
        try {
            return Native.result(
                    (int) POLL.invokeExact(state, fds, fds.byteSize() / POLLFD.byteSize(), milliseconds), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Sets entry {@code index} of an array of {@link #POLLFD}; a negative {@code fd} is ignored by poll. */
    public static void setPoll(MemorySegment fds, int index, int fd, short events) {
        long at = index * POLLFD.byteSize();
        fds.set(JAVA_INT, at, fd);
        fds.set(JAVA_SHORT, at + 4, events);
        fds.set(JAVA_SHORT, at + 6, (short) 0);
    }

    /** Returns what poll found out about entry {@code index}. */
    public static short polled(MemorySegment fds, int index) {
        return fds.get(JAVA_SHORT, index * POLLFD.byteSize() + 6);
    }

    /** Makes an event counter of 0; reads and writes do not block. */
    public static Fd eventfd(String name) throws ErrnoException {
        MemorySegment state = Native.state();
        int result;
        try {
            result = Native.result((int) EVENTFD.invokeExact(state, 0, EFD_CLOEXEC | EFD_NONBLOCK), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result < 0) {
            throw new ErrnoException("eventfd", -result, name);
        }
        return new Fd(result, name);
    }

    /** Adds 1 to an event counter, which wakes up who polls it. */
    public static void signal(Fd eventfd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(JAVA_LONG);
            one.set(JAVA_LONG, 0, 1);
            long result = FileCalls.write(eventfd.number(), one);
            // EAGAIN: the counter is at its limit, so whoever polls it is woken anyhow.
            if (result < 0 && result != -Errno.EAGAIN) {
                throw new ErrnoException("write", (int) -result, eventfd.name());
            }
        }
    }

    /**
     * Takes what an event counter has and sets it to 0.
     *
     * @param scratch at least 8 bytes, aligned
     * @return the count, 0 if it was 0, or a negated errno
     */
    public static long drain(int eventfd, MemorySegment scratch) {
        long result = FileCalls.read(eventfd, scratch.asSlice(0, 8));
        if (result == 8) {
            return scratch.get(JAVA_LONG, 0);
        }
        return result == -Errno.EAGAIN ? 0 : result;
    }
}
