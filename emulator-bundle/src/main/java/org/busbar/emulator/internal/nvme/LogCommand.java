package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Get Log Page (section 5.14). */
final class LogCommand {

    static final int OPCODE = 0x02;

    private static final int ERRORS = 0x01;
    private static final int SMART = 0x02;
    private static final int FIRMWARE = 0x03;
    private static final int CHANGED_NAMESPACES = 0x04;
    private static final int COMMANDS = 0x05;
    private static final int RETAIN_EVENT = 1 << 15;

    private final ErrorLog errors;
    private final SmartLog smart;
    private final ChangedNamespaces changed;
    private final CommandTable admin;
    private final CommandTable io;
    private final Events events;
    private final DataPointer pointer;
    private final Faults faults;
    private final MemorySegment data = Arena.ofAuto().allocate(Fields.PAGE, 8);

    LogCommand(
            ErrorLog errors,
            SmartLog smart,
            ChangedNamespaces changed,
            CommandTable admin,
            CommandTable io,
            Events events,
            DataPointer pointer,
            Faults faults) {
        this.errors = errors;
        this.smart = smart;
        this.changed = changed;
        this.admin = admin;
        this.io = io;
        this.events = events;
        this.pointer = pointer;
        this.faults = faults;
    }

    void register(CommandTable table) {
        table.add(OPCODE, CommandTable.READS, this::execute);
    }

    /** What is asked for beyond a page's end is left as it is. */
    private int execute(Command command) {
        int page = command.dword(10) & 0xff;
        long dwords = ((command.dword(10) >>> 16) | ((command.dword(11) & 0xffffL) << 16)) + 1;
        long offset = Integer.toUnsignedLong(command.dword(12)) | ((long) command.dword(13) << 32);
        data.fill((byte) 0);
        int size = fill(page);
        if (size == 0) {
            return Status.INVALID_LOG_PAGE;
        }
        if (offset < 0 || offset >= size || (offset & 3) != 0) {
            return Status.INVALID_FIELD;
        }
        faults.now().logged(data);
        int status = pointer.send(command, data, offset, Math.min(4 * dwords, data.byteSize() - offset));
        if (status == Status.SUCCESS && (command.dword(10) & RETAIN_EVENT) == 0) {
            events.read(page);
            if (page == CHANGED_NAMESPACES) {
                changed.clear();
            }
        }
        return status;
    }

    /** Fills in a page; returns its size, or 0 if there is no such page. */
    private int fill(int page) {
        return switch (page) {
            case ERRORS -> {
                errors.fill(data);
                yield ErrorLog.ENTRIES * Command.SIZE;
            }
            case SMART -> {
                smart.fill(data);
                yield 512;
            }
            case FIRMWARE -> {
                Fields.set8(data, 0, 1);
                Fields.text(data, 8, 8, ControllerIdentity.FIRMWARE);
                yield 512;
            }
            case CHANGED_NAMESPACES -> {
                changed.fill(data);
                yield Fields.PAGE;
            }
            case COMMANDS -> {
                admin.describe(data, 0);
                io.describe(data, 1024);
                yield Fields.PAGE;
            }
            default -> 0;
        };
    }
}
