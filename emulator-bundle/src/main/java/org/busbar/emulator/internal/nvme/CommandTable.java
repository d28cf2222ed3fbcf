package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The commands of a set, by opcode, and what they change: this is also what the Commands Supported log says. */
final class CommandTable {

    // Figure 200: what a command may change.
    static final int READS = 0;
    static final int CHANGES_BLOCKS = 1 << 1;
    static final int CHANGES_NAMESPACE = 1 << 2;
    static final int CHANGES_INVENTORY = 1 << 3;
    static final int CHANGES_CONTROLLER = 1 << 4;

    private static final int SUPPORTED = 1;
    private static final int OPCODES = 256;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final @Nullable Handler[] handlers = new @Nullable Handler[OPCODES];
    private final int[] effects = new int[OPCODES];

    void add(int opcode, int changes, Handler handler) {
        handlers[opcode] = handler;
        effects[opcode] = SUPPORTED | changes;
    }

    int execute(Command command) {
        Handler handler = handlers[command.opcode()];
        return handler == null ? Status.INVALID_OPCODE : handler.execute(command);
    }

    /** Writes the effects of all commands, 4 bytes each. */
    void describe(MemorySegment data, long offset) {
        for (int opcode = 0; opcode < OPCODES; opcode++) {
            data.set(INT, offset + 4L * opcode, effects[opcode]);
        }
    }
}
