package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The error information log (section 5.14.1.1): the latest commands that failed, newest first. */
final class ErrorLog {

    static final int ENTRIES = 16;

    private static final int ENTRY = 64;
    /** No location within the command is known. */
    private static final int ANYWHERE = 0xffff;

    private final MemorySegment entries = Arena.ofAuto().allocate(ENTRIES * ENTRY, 8);
    private long count;

    /** A command has failed: enters it as the newest. */
    void add(int queue, Command command, int status) {
        count++;
        MemorySegment.copy(entries, 0, entries, ENTRY, (ENTRIES - 1) * (long) ENTRY);
        entries.asSlice(0, ENTRY).fill((byte) 0);
        Fields.set64(entries, 0, count);
        Fields.set16(entries, 8, queue);
        Fields.set16(entries, 10, command.id());
        Fields.set16(entries, 12, status << 1);
        Fields.set16(entries, 14, ANYWHERE);
        Fields.set64(entries, 16, command.firstBlock());
        Fields.set32(entries, 24, command.namespace());
    }

    /** Returns how many entries there have ever been. */
    long count() {
        return count;
    }

    void fill(MemorySegment data) {
        MemorySegment.copy(entries, 0, data, 0, entries.byteSize());
    }
}
