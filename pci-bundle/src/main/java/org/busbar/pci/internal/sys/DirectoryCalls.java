package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Lists directories and identifies entries (getdents64(2), statx(2)). */
public final class DirectoryCalls {

    public static final int O_DIRECTORY = 0x10000;

    /** Offset of {@code d_ino} in a {@code linux_dirent64}: 64 bits. */
    public static final int D_INO = 0;
    /** Offset of {@code d_reclen}: 16 bits. */
    public static final int D_RECLEN = 16;
    /** Offset of {@code d_name}: bytes up to a NUL. */
    public static final int D_NAME = 19;

    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    /** Ask for the inode number ({@code linux/stat.h}). */
    private static final int STATX_INO = 0x100;
    /** Size of a {@code struct statx}. */
    private static final long STATX_SIZE = 256;
    /** Offset of {@code stx_ino}: 64 bits. */
    private static final long STX_INO = 32;

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

    /** Returns the inode number of an entry of a directory, a link's own and not its target's, or a negated errno. */
    public static long inode(int directory, String name) {
        MemorySegment state = Native.state();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(STATX_SIZE, Long.BYTES);
            int result = Native.result((int) Statx.STATX.invokeExact(
                    state, directory, arena.allocateFrom(name), AT_SYMLINK_NOFOLLOW, STATX_INO, answer), state);
            return result < 0 ? result : answer.get(JAVA_LONG, STX_INO);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Linked when first used: a scan starts without it. */
    private static final class Statx {
        static final MethodHandle STATX =
                Native.link("statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    }
}
