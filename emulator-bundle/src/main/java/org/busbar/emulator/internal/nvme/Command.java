package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** A submission queue entry (section 4.2), the one that is being carried out, and what goes into its completion. */
final class Command {

    static final int SIZE = 64;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int FUSED_OR_SGL = 0xc3;

    private final MemorySegment entry = Arena.ofAuto().allocate(SIZE, 8);
    private int result;

    /** Returns the memory that an entry is fetched into. */
    MemorySegment entry() {
        return entry;
    }

    int opcode() {
        return entry.get(INT, 0) & 0xff;
    }

    /** Returns whether it is part of a fused operation or uses SGLs: neither is supported. */
    boolean isFusedOrSgl() {
        return ((entry.get(INT, 0) >>> 8) & FUSED_OR_SGL) != 0;
    }

    int id() {
        return entry.get(INT, 0) >>> 16;
    }

    int namespace() {
        return entry.get(INT, 4);
    }

    long prp1() {
        return entry.get(LONG, 24);
    }

    long prp2() {
        return entry.get(LONG, 32);
    }

    /** Returns command dword {@code number}, 10 to 15. */
    int dword(int number) {
        return entry.get(INT, 4L * number);
    }

    /** Returns command dwords 10 and 11: the first block of a data command. */
    long firstBlock() {
        return entry.get(LONG, 40);
    }

    void result(int value) {
        result = value;
    }

    int result() {
        return result;
    }
}
