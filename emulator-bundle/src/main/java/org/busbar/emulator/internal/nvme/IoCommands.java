package org.busbar.emulator.internal.nvme;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The NVM command set (NVMe 1.4, section 6): finds out which namespace a command is for. */
final class IoCommands {

    private static final Logger LOG = LoggerFactory.getLogger(IoCommands.class);

    private final Namespaces namespaces;
    private final CommandTable table;

    IoCommands(Namespaces namespaces, CommandTable table) {
        this.namespaces = namespaces;
        this.table = table;
    }

    /** Adds a command for one namespace that the controller offers. */
    void add(int opcode, int changes, IoHandler handler) {
        table.add(opcode, changes, command -> forOne(command, handler));
    }

    /** Adds a command for one namespace or, one after the other, all of them. */
    void addForAll(int opcode, int changes, IoHandler handler) {
        table.add(opcode, changes, command -> {
            if (command.namespace() != Namespaces.ALL) {
                return forOne(command, handler);
            }
            int status = Status.SUCCESS;
            for (Namespace namespace : namespaces.list()) {
                if (namespace.attached() && status == Status.SUCCESS) {
                    status = access(command, namespace, handler);
                }
            }
            return status;
        });
    }

    private int forOne(Command command, IoHandler handler) {
        Namespace namespace = namespaces.active(command.namespace());
        if (namespace == null) {
            return namespaces.valid(command.namespace()) ? Status.INVALID_FIELD : Status.INVALID_NAMESPACE;
        }
        return access(command, namespace, handler);
    }

    private static int access(Command command, Namespace namespace, IoHandler handler) {
        try {
            return handler.execute(command, namespace);
        } catch (InternalError e) {
            // How the JVM reports that a page of a mapped file cannot be had: truncated, or the disk is full.
            LOG.error("The file of an emulated SSD cannot be accessed", e);
            return command.opcode() == TransferCommands.READ ? Status.UNRECOVERED_READ : Status.WRITE_FAULT;
        }
    }
}
