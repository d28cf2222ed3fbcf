package org.busbar.emulator.internal.nvme;

import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.NvmeOptions.Feature;

/** Read, Write, Compare and Verify (sections 6.9, 6.15, 6.6 and 6.14). */
final class TransferCommands {

    static final int READ = 0x02;

    private static final int WRITE = 0x01;
    private static final int COMPARE = 0x05;
    private static final int VERIFY = 0x0c;
    private static final int FORCE_UNIT_ACCESS = 1 << 30;

    private final NvmeOptions options;
    private final PlainTransfer plain;
    private final TaggedTransfer tagged;
    private final FlushCommand flush;
    private final Counters counters;
    private final Faults faults;
    private final long maxTransfer;

    TransferCommands(
            NvmeOptions options,
            PlainTransfer plain,
            TaggedTransfer tagged,
            FlushCommand flush,
            Counters counters,
            Faults faults) {
        this.options = options;
        this.plain = plain;
        this.tagged = tagged;
        this.flush = flush;
        this.counters = counters;
        this.faults = faults;
        maxTransfer = (long) Fields.PAGE << options.maxTransfer();
    }

    void register(IoCommands commands) {
        commands.add(READ, CommandTable.READS, this::read);
        commands.add(WRITE, CommandTable.CHANGES_BLOCKS, this::write);
        if (options.has(Feature.COMPARE)) {
            commands.add(COMPARE, CommandTable.READS, this::compare);
        }
        if (options.has(Feature.VERIFY)) {
            commands.add(VERIFY, CommandTable.READS, this::verify);
        }
    }

    private int read(Command command, Namespace namespace) {
        int count = command.blockCount();
        long first = command.firstBlock();
        int status = check(command, namespace, false);
        if (status != Status.SUCCESS) {
            return status;
        }
        status = namespace.metadata() == null
                ? plain.read(command, namespace, first, (long) count << namespace.blockShift())
                : tagged.read(command, namespace, first, count);
        if (status == Status.SUCCESS) {
            counters.read((long) count << namespace.blockShift());
        }
        return status;
    }

    private int write(Command command, Namespace namespace) {
        int count = command.blockCount();
        long first = command.firstBlock();
        int status = check(command, namespace, true);
        if (status != Status.SUCCESS) {
            return status;
        }
        status = namespace.metadata() == null
                ? plain.write(command, namespace, first, (long) count << namespace.blockShift())
                : tagged.write(command, namespace, first, count);
        if (status != Status.SUCCESS) {
            return status;
        }
        counters.written((long) count << namespace.blockShift());
        faults.now().written(namespace, first, count);
        return flush.written(namespace, (command.dword(12) & FORCE_UNIT_ACCESS) != 0);
    }

    private int compare(Command command, Namespace namespace) {
        int count = command.blockCount();
        int status = check(command, namespace, false);
        if (status != Status.SUCCESS) {
            return status;
        }
        return namespace.metadata() == null
                ? plain.compare(command, namespace, command.firstBlock(), (long) count << namespace.blockShift())
                : tagged.compare(command, namespace, command.firstBlock(), count);
    }

    /** Nothing is transferred, so MDTS does not count. */
    private int verify(Command command, Namespace namespace) {
        int count = command.blockCount();
        long first = command.firstBlock();
        if (namespace.outside(first, count)) {
            return Status.LBA_OUT_OF_RANGE;
        }
        int error = faults.now().instead(namespace, first, count, false);
        return error != 0 ? error : tagged.verify(command, namespace, first, count);
    }

    private int check(Command command, Namespace namespace, boolean write) {
        int count = command.blockCount();
        long length = namespace.metadata() == null
                ? (long) count << namespace.blockShift()
                : tagged.length(command, namespace, count);
        if (length > maxTransfer) {
            return Status.INVALID_FIELD;
        }
        if (namespace.outside(command.firstBlock(), count)) {
            return Status.LBA_OUT_OF_RANGE;
        }
        return faults.now().instead(namespace, command.firstBlock(), count, write);
    }
}
