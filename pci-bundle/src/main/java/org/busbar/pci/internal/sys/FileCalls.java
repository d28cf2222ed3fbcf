package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Calls on files: open, read, write ({@code fcntl.h}, {@code unistd.h}). */
public final class FileCalls {

    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    /** For {@code openat}: relative to the working directory. */
    public static final int AT_FDCWD = -100;

    private static final MethodHandle OPENAT =
            Native.link("openat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), 3);
    private static final MethodHandle CLOSE = Native.link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle READ =
            Native.link("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

    private FileCalls() {}

    /** Opens a path; returns a descriptor or a negated errno. */
    public static int openat(int directory, MemorySegment path, int flags) {
        MemorySegment state = Native.state();
        try {
            return Native.result((int) OPENAT.invokeExact(state, directory, path, flags, 0), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Opens a path. {@code O_CLOEXEC} is added. */
    public static Fd open(String path, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int result = openat(AT_FDCWD, arena.allocateFrom(path), flags | O_CLOEXEC);
            if (result < 0) {
                throw new ErrnoException("open", -result, path);
            }
            return new Fd(result, path);
        }
    }

    /** Closes a descriptor; returns 0 or a negated errno. */
    static int close(int fd) {
        MemorySegment state = Native.state();
        try {
            return Native.result((int) CLOSE.invokeExact(state, fd), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Closes a descriptor that no {@link Fd} owns. */
    public static void closeNumber(int fd) {
        var ignored = close(fd);
    }

    /** Reads into {@code buffer}; returns how many bytes, 0 at the end, or a negated errno. */
    public static long read(int fd, MemorySegment buffer) {
        MemorySegment state = Native.state();
        try {
            return Native.result((long) READ.invokeExact(state, fd, buffer, buffer.byteSize()), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Writes all of {@code buffer} in one call; returns how many bytes, or a negated errno. */
    public static long write(int fd, MemorySegment buffer) {
        MemorySegment state = Native.state();
        try {
            return Native.result((long) Write.WRITE.invokeExact(state, fd, buffer, buffer.byteSize()), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Reads at an offset; returns how many bytes, 0 at the end, or a negated errno. */
    public static long pread(int fd, MemorySegment buffer, long offset) {
        MemorySegment state = Native.state();
        try {
            return Native.result(
                    (long) Positioned.PREAD.invokeExact(state, fd, buffer, buffer.byteSize(), offset), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Writes at an offset; returns how many bytes, or a negated errno. */
    public static long pwrite(int fd, MemorySegment buffer, long offset) {
        MemorySegment state = Native.state();
        try {
            return Native.result(
                    (long) Positioned.PWRITE.invokeExact(state, fd, buffer, buffer.byteSize(), offset), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Linked when first used: a scan starts without them. */
    private static final class Write {
        static final MethodHandle WRITE =
                Native.link("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    }

    /** Linked when first used: a scan starts without them. */
    private static final class Positioned {
        private static final FunctionDescriptor TYPE =
                FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
        static final MethodHandle PREAD = Native.link("pread", TYPE);
        static final MethodHandle PWRITE = Native.link("pwrite", TYPE);
    }
}
