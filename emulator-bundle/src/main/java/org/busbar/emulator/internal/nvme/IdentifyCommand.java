package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Identify (section 5.15). */
final class IdentifyCommand {

    private static final int OPCODE = 0x06;
    private static final int NO_NAMESPACE = 0;

    private final ControllerIdentity controller;
    private final Namespaces namespaces;
    private final DataPointer pointer;
    private final Faults faults;
    private final boolean version2;
    private final MemorySegment data = Arena.ofAuto().allocate(Fields.PAGE, 8);

    /**
     * @param version2 whether the controller is of NVMe 2.0
     */
    IdentifyCommand(
            ControllerIdentity controller,
            Namespaces namespaces,
            DataPointer pointer,
            Faults faults,
            boolean version2) {
        this.controller = controller;
        this.namespaces = namespaces;
        this.pointer = pointer;
        this.faults = faults;
        this.version2 = version2;
    }

    void register(CommandTable table) {
        table.add(OPCODE, CommandTable.READS, this::execute);
    }

    private int execute(Command command) {
        data.fill((byte) 0);
        int status = fill(command);
        if (status != Status.SUCCESS) {
            return status;
        }
        faults.now().identified(data);
        return pointer.send(command, data, 0, Fields.PAGE);
    }

    /** Fills in what the Controller or Namespace Structure (CNS) field asks for (figure 244). */
    private int fill(Command command) {
        int id = command.namespace();
        return switch (command.dword(10) & 0xff) {
            case 0x00 -> namespace(id, true);
            case 0x01 -> {
                controller.fill(data);
                yield Status.SUCCESS;
            }
            case 0x02 -> list(id, true);
            case 0x03 -> descriptors(id);
            case 0x05 -> specific(command, namespaces.valid(id));
            case 0x06 -> specific(command, true);
            case 0x10 -> list(id, false);
            case 0x11 -> namespace(id, false);
            case 0x12 -> namespaces.valid(id) ? attachedControllers(command) : Status.INVALID_NAMESPACE;
            case 0x13 -> controllers(command, true);
            default -> Status.INVALID_FIELD;
        };
    }

    /** A namespace that does not exist, or is not attached where it had to be, is all zeros. */
    private int namespace(int id, boolean attached) {
        if (id == Namespaces.ALL && attached) {
            NamespaceIdentity.capabilities(data);
            return Status.SUCCESS;
        }
        if (!namespaces.valid(id)) {
            return Status.INVALID_NAMESPACE;
        }
        Namespace namespace = attached ? namespaces.active(id) : namespaces.allocated(id);
        if (namespace != null) {
            NamespaceIdentity.fill(data, namespace);
        }
        return Status.SUCCESS;
    }

    /**
     * What is specific to the NVM command set (NVMe 2.0, sections 5.17.2.5 and 5.17.2.6): no extended formats, and no limits
     * for Verify, Write Zeroes and Dataset Management, are all zeros.
     */
    private int specific(Command command, boolean validNamespace) {
        boolean nvmCommandSet = command.dword(11) >>> 24 == 0;
        if (!version2 || !nvmCommandSet) {
            return Status.INVALID_FIELD;
        }
        return validNamespace ? Status.SUCCESS : Status.INVALID_NAMESPACE;
    }

    private int list(int above, boolean attached) {
        if (above == Namespaces.ALL || above == Namespaces.ALL - 1) {
            return Status.INVALID_NAMESPACE;
        }
        List<Integer> ids = namespaces.above(above, attached);
        for (int i = 0; i < ids.size(); i++) {
            Fields.set32(data, 4L * i, ids.get(i));
        }
        return Status.SUCCESS;
    }

    private int descriptors(int id) {
        if (id == NO_NAMESPACE || !namespaces.valid(id)) {
            return Status.INVALID_NAMESPACE;
        }
        Namespace namespace = namespaces.active(id);
        if (namespace == null) {
            return Status.INVALID_FIELD;
        }
        NamespaceIdentity.descriptors(data, namespace);
        return Status.SUCCESS;
    }

    private int attachedControllers(Command command) {
        return controllers(command, namespaces.active(command.namespace()) != null);
    }

    /** A list of controllers (section 4.11): of this one, or none. */
    private int controllers(Command command, boolean listed) {
        int from = command.dword(10) >>> 16;
        if (listed && from <= ControllerIdentity.CONTROLLER_ID) {
            Fields.set16(data, 0, 1);
            Fields.set16(data, 2, ControllerIdentity.CONTROLLER_ID);
        }
        return Status.SUCCESS;
    }
}
