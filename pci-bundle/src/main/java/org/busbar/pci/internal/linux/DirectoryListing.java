package org.busbar.pci.internal.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.busbar.pci.internal.sys.DirectoryCalls;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;

/**
 * The entries of a directory as the kernel gives them, names and inodes, in memory that is used again and again.
 *
 * <p>Two listings of an unchanged directory are the same bytes: the order is the file system's and does not vary, and
 * what the kernel leaves between entries is set to zero here. So that nothing has changed is seen by one comparison of
 * memory. The reverse does not hold, and need not: listings that differ are compared entry by entry.
 */
final class DirectoryListing {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());
    private static final long FIRST_SIZE = 64 * 1024;
    /** No entry is larger: a header and a name of 255 bytes and its NUL. */
    private static final long LARGEST_ENTRY = DirectoryCalls.D_NAME + 256 + 8;

    private MemorySegment memory = MemorySegment.NULL;
    private long length;
    private byte[] bytes = {};
    private int entry;

    /** Replaces the content by what the directory has now. */
    void read(int directory, String path) throws ErrnoException {
        memory.asSlice(0, length).fill((byte) 0);
        length = 0;
        while (true) {
            ensureRoom();
            long got = DirectoryCalls.getdents64(directory, memory.asSlice(length));
            if (got == 0) {
                return;
            }
            if (got < 0 && got != -Errno.EINTR) {
                throw new ErrnoException("getdents64", (int) -got, path);
            }
            length += Math.max(got, 0);
        }
    }

    private void ensureRoom() {
        if (memory.byteSize() - length < LARGEST_ENTRY) {
            MemorySegment larger = Arena.ofAuto().allocate(Math.max(FIRST_SIZE, memory.byteSize() * 2), 8);
            MemorySegment.copy(memory, 0, larger, 0, length);
            memory = larger;
        }
    }

    boolean sameAs(DirectoryListing other) {
        return length == other.length
                && MemorySegment.mismatch(memory, 0, length, other.memory, 0, length) == -1;
    }

    /** Moves before the first entry. */
    void rewind() {
        if (bytes.length < length) {
            bytes = new byte[(int) length];
        }
        // Entry by entry is faster on the heap.
        MemorySegment.copy(memory, JAVA_BYTE, 0, bytes, 0, (int) length);
        entry = -1;
    }

    /** Moves to the next entry; returns whether there is one. */
    boolean next() {
        entry = entry < 0 ? 0 : entry + Short.toUnsignedInt((short) SHORT.get(bytes, entry + DirectoryCalls.D_RECLEN));
        return entry < length;
    }

    /** Returns the inode number of the current entry. */
    long inode() {
        return (long) LONG.get(bytes, entry + DirectoryCalls.D_INO);
    }

    /** Copies the name of the current entry and returns its length; a longer one is cut off. */
    int name(byte[] into) {
        int n = 0;
        int at = entry + DirectoryCalls.D_NAME;
        while (n < into.length && bytes[at + n] != 0) {
            into[n] = bytes[at + n];
            n++;
        }
        return n;
    }
}
