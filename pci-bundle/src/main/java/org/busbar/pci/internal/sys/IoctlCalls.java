package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The call ioctl(2), with a pointer or a number as argument. */
public final class IoctlCalls {

    private static final MethodHandle POINTER =
            Native.link("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), 2);
    private static final MethodHandle NUMBER =
            Native.link("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), 2);

    private IoctlCalls() {}

    /** Calls with a pointer to {@code argument}; returns what the call returns, or a negated errno. */
    public static int ioctl(int fd, long request, MemorySegment argument) {
        MemorySegment state = Native.state();
        try {
            return Native.result((int) POINTER.invokeExact(state, fd, request, argument), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Calls with a number; returns what the call returns, or a negated errno. */
    public static int ioctl(int fd, long request, long argument) {
        MemorySegment state = Native.state();
        try {
            return Native.result((int) NUMBER.invokeExact(state, fd, request, argument), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Calls with a pointer, and throws if it fails; {@code name} is the request's name, for the message. */
    public static int ioctl(Fd fd, long request, MemorySegment argument, String name) throws ErrnoException {
        return check(ioctl(fd.number(), request, argument), fd, name);
    }

    /** Calls with a number, and throws if it fails; {@code name} is the request's name, for the message. */
    public static int ioctl(Fd fd, long request, long argument, String name) throws ErrnoException {
        return check(ioctl(fd.number(), request, argument), fd, name);
    }

    private static int check(int result, Fd fd, String name) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException("ioctl", -result, fd.name() + ", " + name);
        }
        return result;
    }
}
