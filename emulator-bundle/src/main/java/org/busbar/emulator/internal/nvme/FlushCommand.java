package org.busbar.emulator.internal.nvme;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Flush (section 6.8), and everything else that makes written data durable. */
final class FlushCommand {

    private static final Logger LOG = LoggerFactory.getLogger(FlushCommand.class);

    private final Namespaces namespaces;
    private final Features features;

    FlushCommand(Namespaces namespaces, Features features) {
        this.namespaces = namespaces;
        this.features = features;
    }

    void register(IoCommands commands) {
        commands.addForAll(0x00, CommandTable.READS, (command, namespace) -> flush(namespace));
    }

    /** Makes what was written to a namespace durable; returns the status. */
    int flush(Namespace namespace) {
        try {
            namespace.data().flush();
            return Status.SUCCESS;
        } catch (IOException e) {
            LOG.error("What was written to an emulated SSD cannot be made durable", e);
            return Status.WRITE_FAULT;
        }
    }

    /** Something was written; returns the status. */
    int written(Namespace namespace, boolean forceUnitAccess) {
        return forceUnitAccess || !features.writeCache() ? flush(namespace) : Status.SUCCESS;
    }

    void flushAll() {
        namespaces.list().forEach(this::flush);
    }
}
