package org.busbar.emulator.internal.nvme;

import java.util.List;

/** Format NVM (section 5.23). It is done when the command is. */
final class FormatCommand {

    private static final int CRYPTOGRAPHIC_ERASE = 2;

    private final Namespaces namespaces;

    FormatCommand(Namespaces namespaces) {
        this.namespaces = namespaces;
    }

    void register(CommandTable table) {
        table.add(0x80, CommandTable.CHANGES_BLOCKS | CommandTable.CHANGES_NAMESPACE, this::execute);
    }

    private int execute(Command command) {
        int value = command.dword(10);
        int index = value & 0xf;
        boolean extended = (value & 0x10) != 0;
        int protection = (value >>> 5) & 7;
        boolean first = (value & 0x100) != 0;
        int secureErase = (value >>> 9) & 7;
        if (secureErase >= CRYPTOGRAPHIC_ERASE) {
            return Status.INVALID_FIELD;
        }
        if (index >= LbaFormat.ALL.size()
                || protection > 3
                || (protection > 0 && LbaFormat.ALL.get(index).metadata() < Protection.SIZE)) {
            return Status.INVALID_FORMAT;
        }
        List<Namespace> wanted;
        if (command.namespace() == Namespaces.ALL) {
            wanted = namespaces.list();
        } else {
            Namespace one = namespaces.active(command.namespace());
            if (one == null) {
                return namespaces.valid(command.namespace()) ? Status.INVALID_FIELD : Status.INVALID_NAMESPACE;
            }
            wanted = List.of(one);
        }
        for (Namespace namespace : wanted) {
            if (!namespace.format(LbaFormat.ALL.get(index), extended, protection, first)) {
                return Status.INVALID_FORMAT;
            }
        }
        return Status.SUCCESS;
    }
}
