package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.busbar.emulator.NvmeNamespace;

/** Namespace Management and Namespace Attachment (sections 5.20 and 5.19). */
final class NamespaceCommands {

    private static final int CREATE = 0;
    private static final int DELETE = 1;
    private static final int ATTACH = 0;
    private static final int DETACH = 1;

    private final Namespaces namespaces;
    private final DataPointer pointer;
    private final MemorySegment data = Arena.ofAuto().allocate(Fields.PAGE, 8);

    NamespaceCommands(Namespaces namespaces, DataPointer pointer) {
        this.namespaces = namespaces;
        this.pointer = pointer;
    }

    void register(CommandTable table) {
        table.add(0x0d, CommandTable.CHANGES_INVENTORY, this::manage);
        table.add(0x15, CommandTable.CHANGES_INVENTORY, this::attachOrDetach);
    }

    private int manage(Command command) {
        return switch (command.dword(10) & 0xf) {
            case CREATE -> create(command);
            case DELETE -> delete(command.namespace());
            default -> Status.INVALID_FIELD;
        };
    }

    private int create(Command command) {
        int status = pointer.fetch(command, data, 0, Fields.PAGE);
        if (status != Status.SUCCESS) {
            return status;
        }
        long blocks = Fields.get64(data, 0);
        int formatIndex = Fields.get8(data, 26) & 0xf;
        int protection = Fields.get8(data, 29) & 7;
        if (formatIndex >= LbaFormat.ALL.size() || Fields.get64(data, 8) != blocks) {
            return formatIndex >= LbaFormat.ALL.size() ? Status.INVALID_FORMAT : Status.INVALID_FIELD;
        }
        LbaFormat format = LbaFormat.ALL.get(formatIndex);
        if (protection > 3 || (protection > 0 && format.metadata() == 0)) {
            return Status.INVALID_FORMAT;
        }
        if (blocks < 1 || blocks > namespaces.unused() >> format.blockShift()) {
            return blocks == 0 ? Status.INVALID_FIELD : Status.INSUFFICIENT_CAPACITY;
        }
        if (namespaces.free() == 0) {
            return Status.NO_NAMESPACE_ID;
        }
        boolean extended = (Fields.get8(data, 26) & 0x10) != 0;
        boolean protectionFirst = (Fields.get8(data, 29) & 8) != 0;
        Namespace created = namespaces.create(new NvmeNamespace(
                blocks, format.blockSize(), format.metadata(), extended, protection, Optional.empty()));
        created.format(format, extended, protection, protectionFirst);
        command.result(created.id());
        return Status.SUCCESS;
    }

    private int delete(int id) {
        if (id == Namespaces.ALL) {
            List.copyOf(namespaces.list()).forEach(namespaces::delete);
            return Status.SUCCESS;
        }
        if (!namespaces.valid(id)) {
            return Status.INVALID_NAMESPACE;
        }
        Namespace namespace = namespaces.allocated(id);
        if (namespace == null) {
            return Status.INVALID_FIELD;
        }
        namespaces.delete(namespace);
        return Status.SUCCESS;
    }

    /** The controllers are listed (section 4.11); this is the only one that there is. */
    private int attachOrDetach(Command command) {
        int select = command.dword(10) & 0xf;
        if (!namespaces.valid(command.namespace())) {
            return Status.INVALID_NAMESPACE;
        }
        Namespace namespace = namespaces.allocated(command.namespace());
        if (namespace == null || (select != ATTACH && select != DETACH)) {
            return Status.INVALID_FIELD;
        }
        int status = pointer.fetch(command, data, 0, Fields.PAGE);
        if (status != Status.SUCCESS) {
            return status;
        }
        if (Fields.get16(data, 0) != 1 || Fields.get16(data, 2) != ControllerIdentity.CONTROLLER_ID) {
            return Status.CONTROLLER_LIST_INVALID;
        }
        boolean attach = select == ATTACH;
        if (namespace.attached() == attach) {
            return attach ? Status.ALREADY_ATTACHED : Status.NOT_ATTACHED;
        }
        namespace.attached(attach);
        return Status.SUCCESS;
    }
}
