package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Maps memory ({@code sys/mman.h}), and tells its limits ({@code sys/resource.h}). */
public final class MemoryCalls {

    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_POPULATE = 0x8000;
    public static final int RLIMIT_MEMLOCK = 8;
    /** {@code RLIM_INFINITY}: all ones, so -1 as a long. */
    public static final long RLIM_INFINITY = -1;
    /** {@code sysconf} name of the page size. */
    private static final int SC_PAGESIZE = 30;

    private static final MethodHandle MMAP = Native.link(
            "mmap", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP =
            Native.link("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle GETRLIMIT =
            Native.link("getrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle SYSCONF =
            Native.link("sysconf", FunctionDescriptor.of(JAVA_LONG, JAVA_INT));

    private MemoryCalls() {}

    /**
     * Maps memory that is unmapped when the arena closes.
     *
     * @param size bytes
     * @param protection PROT_...
     * @param flags MAP_...
     * @param fd what to map, or -1 with MAP_ANONYMOUS
     * @param what for messages
     */
    public static MemorySegment map(
            Arena arena, long size, int protection, int flags, int fd, long offset, String what)
            throws ErrnoException {
        long address = mmap(size, protection, flags, fd, offset);
        // Addresses of user space are positive, so that a negative one can only be an errno.
        if (address < 0) {
            throw new ErrnoException("mmap", (int) -address, what + ", " + size + " bytes");
        }
        return Native.segment(address, size, arena, segment -> munmap(segment));
    }

    private static long mmap(long size, int protection, int flags, int fd, long offset) {
        MemorySegment state = Native.state();
        try {
            return Native.result(
                    (long) MMAP.invokeExact(state, MemorySegment.NULL, size, protection, flags, fd, offset), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private static void munmap(MemorySegment segment) {
        MemorySegment state = Native.state();
        int result;
        try {
            result = Native.result((int) MUNMAP.invokeExact(state, segment, segment.byteSize()), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result < 0) {
            throw new IllegalStateException("munmap failed: " + Errno.name(-result));
        }
    }

    /** Returns how many bytes this process may lock (soft limit), or {@link #RLIM_INFINITY}. */
    public static long lockableBytes() throws ErrnoException {
        MemorySegment state = Native.state();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(16, 8);
            int result = Native.result((int) GETRLIMIT.invokeExact(state, RLIMIT_MEMLOCK, limit), state);
            if (result < 0) {
                throw new ErrnoException("getrlimit", -result, "RLIMIT_MEMLOCK");
            }
            return limit.get(JAVA_LONG, 0);
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Returns the size of a page in bytes. */
    public static long pageSize() {
        MemorySegment state = Native.state();
        try {
            return (long) SYSCONF.invokeExact(state, SC_PAGESIZE);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}
