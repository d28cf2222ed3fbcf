package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The log pages (section 5.14): errors, SMART, firmware slots. */
final class Logs {

    private static final int ERRORS = 1;
    private static final int SMART = 2;
    private static final int FIRMWARE = 3;
    private static final int ENTRY = 64;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Counters counters;
    private final MemorySegment errors = Arena.ofAuto().allocate(IdentifyData.ERROR_ENTRIES * ENTRY, 8);

    Logs(Counters counters) {
        this.counters = counters;
    }

    /** A command has failed: enters it as the newest. */
    void error(int queue, Command command, int status) {
        counters.error();
        MemorySegment.copy(errors, 0, errors, ENTRY, (IdentifyData.ERROR_ENTRIES - 1) * (long) ENTRY);
        errors.asSlice(0, ENTRY).fill((byte) 0);
        errors.set(LONG, 0, counters.errors());
        errors.set(SHORT, 8, (short) queue);
        errors.set(SHORT, 10, (short) command.id());
        errors.set(SHORT, 12, (short) (status << 1));
        errors.set(SHORT, 14, (short) 0xffff);
        errors.set(LONG, 16, command.firstBlock());
        errors.set(INT, 24, command.namespace());
    }

    /** Returns whether a page is the error log. */
    static boolean isErrorLog(int page) {
        return page == ERRORS;
    }

    /** Fills in a page; returns its size, or 0 if there is no such page. */
    int fill(int page, MemorySegment data) {
        data.fill((byte) 0);
        return switch (page) {
            case ERRORS -> {
                MemorySegment.copy(errors, 0, data, 0, errors.byteSize());
                yield (int) errors.byteSize();
            }
            case SMART -> smart(data);
            case FIRMWARE -> {
                data.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
                IdentifyData.text(data, 8, 8, IdentifyData.FIRMWARE);
                yield 512;
            }
            default -> 0;
        };
    }

    private int smart(MemorySegment data) {
        // 38 degrees Celsius; all spare left, warned of below a tenth.
        data.set(SHORT, 1, (short) 311);
        data.set(ValueLayout.JAVA_BYTE, 3, (byte) 100);
        data.set(ValueLayout.JAVA_BYTE, 4, (byte) 10);
        data.set(LONG, 32, counters.unitsRead());
        data.set(LONG, 48, counters.unitsWritten());
        data.set(LONG, 64, counters.reads());
        data.set(LONG, 80, counters.writes());
        data.set(LONG, 112, 1);
        data.set(LONG, 176, counters.errors());
        return 512;
    }
}
