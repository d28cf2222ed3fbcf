package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Power Management (section 5.21.1.2): three operational states and two in which no command is carried out. A command
 * wakes the controller from those into the operational state that it was in last (section 8.4.1).
 */
final class PowerStates implements Feature {

    /** Highest power state: NPSS. */
    static final int LAST = 4;

    private static final int DESCRIPTOR = 32;
    private static final int FIRST_IDLE = 3;
    /** Power in 10 mW, or in 100 microwatts where no command is carried out; entry and exit latency in microseconds. */
    private static final int[][] STATES = {
        {2500, 0, 0}, {1800, 5, 5}, {1000, 10, 20}, {5000, 500, 1_000}, {50, 2_000, 10_000}
    };

    private static final int FINE_SCALE_AND_IDLE = 3;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private int state;
    private int operational;

    /** An I/O command has come. */
    void awake() {
        state = operational;
    }

    @Override
    public int set(Command command) {
        int wanted = command.dword(11) & 0x1f;
        if (wanted > LAST) {
            return Status.INVALID_FIELD;
        }
        state = wanted;
        if (wanted < FIRST_IDLE) {
            operational = wanted;
        }
        return Status.SUCCESS;
    }

    @Override
    public int get(Command command, boolean initial) {
        command.result(initial ? 0 : state);
        return Status.SUCCESS;
    }

    @Override
    public void reset() {
        state = 0;
        operational = 0;
    }

    /** Writes the descriptors (figure 249). */
    static void describe(MemorySegment data, long offset) {
        for (int i = 0; i <= LAST; i++) {
            long at = offset + (long) i * DESCRIPTOR;
            data.set(SHORT, at, (short) STATES[i][0]);
            data.set(ValueLayout.JAVA_BYTE, at + 3, (byte) (i < FIRST_IDLE ? 0 : FINE_SCALE_AND_IDLE));
            data.set(INT, at + 4, STATES[i][1]);
            data.set(INT, at + 8, STATES[i][2]);
            // Relative throughput and latency of reads and writes: the lower the better.
            data.asSlice(at + 12, 4).fill((byte) i);
        }
    }
}
