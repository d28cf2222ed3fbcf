package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Vendor specific commands of the usual form (section 8.15), for whoever tries a passthrough. Dword 10 is the number of
 * dwords to transfer, at most a page. The completion has dword 12 as its dword 0 and the low 15 bits of dword 13 as its
 * status.
 *
 * <ul>
 *   <li>The first opcode transfers nothing.
 *   <li>The second keeps what it is sent.
 *   <li>The third sends back what was kept last, in the same set of commands.
 * </ul>
 */
final class VendorCommands {

    static final int ADMIN = 0xc0;
    static final int IO = 0x80;

    private final DataPointer pointer;
    private final MemorySegment kept = Arena.ofAuto().allocate(Fields.PAGE, 8);

    VendorCommands(DataPointer pointer) {
        this.pointer = pointer;
    }

    void register(CommandTable table, int first) {
        table.add(first, CommandTable.READS, VendorCommands::answer);
        table.add(first + 1, CommandTable.READS, command -> {
            long length = length(command);
            if (length > Fields.PAGE) {
                return Status.INVALID_FIELD;
            }
            int status = length == 0 ? Status.SUCCESS : pointer.fetch(command, kept, 0, length);
            return status == Status.SUCCESS ? answer(command) : status;
        });
        table.add(first + 2, CommandTable.READS, command -> {
            long length = length(command);
            if (length > Fields.PAGE) {
                return Status.INVALID_FIELD;
            }
            int status = length == 0 ? Status.SUCCESS : pointer.send(command, kept, 0, length);
            return status == Status.SUCCESS ? answer(command) : status;
        });
    }

    private static long length(Command command) {
        return 4 * Integer.toUnsignedLong(command.dword(10));
    }

    private static int answer(Command command) {
        command.result(command.dword(12));
        return command.dword(13) & 0x7fff;
    }
}
