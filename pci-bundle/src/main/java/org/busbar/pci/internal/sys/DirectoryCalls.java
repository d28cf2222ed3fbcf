package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Lists directories (getdents64(2), {@code dirent.h}). */
public final class DirectoryCalls {

    public static final int O_DIRECTORY = 0x10000;

    /** Offset of {@code d_ino} in a {@code linux_dirent64}: 64 bits. */
    public static final int D_INO = 0;
    /** Offset of {@code d_reclen}: 16 bits. */
    public static final int D_RECLEN = 16;
    /** Offset of {@code d_name}: bytes up to a NUL. */
    public static final int D_NAME = 19;

    private static final MethodHandle GETDENTS64 =
            Native.link("getdents64", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

    private DirectoryCalls() {}

    /** Reads further entries into {@code buffer}; returns how many bytes, 0 at the end, or a negated errno. */
    public static long getdents64(int fd, MemorySegment buffer) {
        MemorySegment state = Native.state();
        try {
            return Native.result((long) GETDENTS64.invokeExact(state, fd, buffer, buffer.byteSize()), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}
