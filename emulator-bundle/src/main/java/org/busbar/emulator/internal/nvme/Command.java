package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** A submission queue entry (section 4.2), the one that is being carried out, and what goes into its completion. */
final class Command {

    static final int SIZE = 64;
    /** Values of PSDT: how data and metadata are described. */
    static final int PRPS = 0;

    static final int SGLS = 1;
    static final int SGLS_FOR_METADATA_TOO = 2;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int DATA_POINTER = 24;

    private final MemorySegment entry = Arena.ofAuto().allocate(SIZE, 8);
    private int result;

    /** Returns the memory that an entry is fetched into. */
    MemorySegment entry() {
        return entry;
    }

    int opcode() {
        return entry.get(INT, 0) & 0xff;
    }

    /** Returns whether it is part of a fused operation: there are none. */
    boolean isFused() {
        return (entry.get(INT, 0) & 0x300) != 0;
    }

    /** Returns PSDT: {@link #PRPS}, {@link #SGLS}, {@link #SGLS_FOR_METADATA_TOO} or the reserved 3. */
    int dataTransfer() {
        return (entry.get(INT, 0) >>> 14) & 3;
    }

    int id() {
        return entry.get(INT, 0) >>> 16;
    }

    int namespace() {
        return entry.get(INT, 4);
    }

    long metadataPointer() {
        return entry.get(LONG, 16);
    }

    long prp1() {
        return entry.get(LONG, DATA_POINTER);
    }

    long prp2() {
        return entry.get(LONG, DATA_POINTER + 8);
    }

    /** Copies the data pointer, as an SGL descriptor. */
    void sgl(MemorySegment target) {
        MemorySegment.copy(entry, DATA_POINTER, target, 0, SglList.DESCRIPTOR);
    }

    /** Returns command dword {@code number}, 10 to 15. */
    int dword(int number) {
        return entry.get(INT, 4L * number);
    }

    /** Returns command dwords 10 and 11: the first block of a data command. */
    long firstBlock() {
        return entry.get(LONG, 40);
    }

    /** Returns how many blocks a data command is about. */
    int blockCount() {
        return (dword(12) & 0xffff) + 1;
    }

    void result(int value) {
        result = value;
    }

    int result() {
        return result;
    }
}
