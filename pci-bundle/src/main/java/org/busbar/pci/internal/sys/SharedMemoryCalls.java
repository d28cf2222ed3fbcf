package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Memory that other processes can map: memfd_create(2), and what fcntl(2) and lseek(2) tell of a descriptor. */
public final class SharedMemoryCalls {

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int MFD_HUGETLB = 4;
    private static final int MFD_HUGE_2MB = 21 << 26;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_SEAL_SEAL = 1;
    private static final int F_SEAL_SHRINK = 2;
    private static final int F_SEAL_GROW = 4;
    private static final int SEEK_END = 2;

    private static final MethodHandle MEMFD_CREATE =
            Native.link("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle FTRUNCATE =
            Native.link("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle FCNTL =
            Native.link("fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), 2);
    private static final MethodHandle LSEEK =
            Native.link("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

    private SharedMemoryCalls() {}

    /**
     * Makes zeroed memory of a size that nobody who has the descriptor can change.
     *
     * @param huge whether to use pages of 2 MiB, which there may be none of
     */
    public static Fd create(String name, long size, boolean huge) throws ErrnoException {
        int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING | (huge ? MFD_HUGETLB | MFD_HUGE_2MB : 0);
        MemorySegment state = Native.state();
        int number;
        try (Arena arena = Arena.ofConfined()) {
            number = Native.result((int) MEMFD_CREATE.invokeExact(state, arena.allocateFrom(name), flags), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        require(number, "memfd_create", name);
        Fd fd = new Fd(number, name);
        boolean done = false;
        try {
            require(truncate(fd, size), "ftruncate", name + ", " + size + " bytes");
            require(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW), "fcntl",
                    name + ", F_ADD_SEALS");
            done = true;
            return fd;
        } finally {
            if (!done) {
                fd.close();
            }
        }
    }

    /** Returns how long a file is, or a negated errno: ESPIPE for what is no file. */
    public static long length(Fd fd) {
        MemorySegment state = Native.state();
        try {
            return Native.result((long) LSEEK.invokeExact(state, fd.number(), 0L, SEEK_END), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Has reads and writes through a descriptor never wait, for everybody who shares what it has open. */
    public static void unblock(Fd fd) throws ErrnoException {
        int flags = fcntl(fd, F_GETFL, 0);
        require(flags, "fcntl", fd.name() + ", F_GETFL");
        require(fcntl(fd, F_SETFL, flags | FileCalls.O_NONBLOCK), "fcntl", fd.name() + ", F_SETFL");
    }

    private static int truncate(Fd fd, long size) {
        MemorySegment state = Native.state();
        try {
            return Native.result((int) FTRUNCATE.invokeExact(state, fd.number(), size), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private static int fcntl(Fd fd, int command, int argument) {
        MemorySegment state = Native.state();
        try {
            return Native.result((int) FCNTL.invokeExact(state, fd.number(), command, argument), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private static void require(int result, String call, String arguments) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, -result, arguments);
        }
    }
}
