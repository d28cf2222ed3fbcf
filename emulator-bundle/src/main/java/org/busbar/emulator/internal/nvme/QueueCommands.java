package org.busbar.emulator.internal.nvme;

/** Create and delete I/O queues (sections 5.3 to 5.6). */
final class QueueCommands {

    private static final int CONTIGUOUS = 1;
    private static final int INTERRUPTS = 1 << 1;
    private static final int ENTRY_SIZES = 0x46;

    private final NvmeRegisters registers;
    private final Queues queues;
    private final int pairs;

    /**
     * @param pairs how many I/O queue pairs there may be
     */
    QueueCommands(NvmeRegisters registers, Queues queues, int pairs) {
        this.registers = registers;
        this.queues = queues;
        this.pairs = pairs;
    }

    void register(CommandTable table) {
        table.add(0x00, CommandTable.CHANGES_CONTROLLER, this::deleteSubmission);
        table.add(0x01, CommandTable.CHANGES_CONTROLLER, this::createSubmission);
        table.add(0x04, CommandTable.CHANGES_CONTROLLER, this::deleteCompletion);
        table.add(0x05, CommandTable.CHANGES_CONTROLLER, this::createCompletion);
    }

    private int createCompletion(Command command) {
        int id = command.dword(10) & 0xffff;
        int size = (command.dword(10) >>> 16) + 1;
        int vector = command.dword(11) >>> 16;
        if (id == 0 || id > pairs || queues.completion(id) != null) {
            return Status.INVALID_QUEUE_ID;
        }
        if (badSize(size)) {
            return Status.INVALID_QUEUE_SIZE;
        }
        if (vector >= Doorbells.QUEUES) {
            return Status.INVALID_INTERRUPT_VECTOR;
        }
        int status = checkMemory(command);
        if (status == Status.SUCCESS) {
            queues.createCompletion(id, command.prp1(), size, vector, (command.dword(11) & INTERRUPTS) != 0);
        }
        return status;
    }

    private int createSubmission(Command command) {
        int id = command.dword(10) & 0xffff;
        int size = (command.dword(10) >>> 16) + 1;
        int completionId = command.dword(11) >>> 16;
        if (id == 0 || id > pairs || queues.submission(id) != null) {
            return Status.INVALID_QUEUE_ID;
        }
        if (completionId == 0 || completionId > pairs) {
            return Status.INVALID_QUEUE_ID;
        }
        CompletionQueue completions = queues.completion(completionId);
        if (completions == null) {
            return Status.CQ_INVALID;
        }
        if (badSize(size)) {
            return Status.INVALID_QUEUE_SIZE;
        }
        int status = checkMemory(command);
        if (status == Status.SUCCESS) {
            queues.createSubmission(id, command.prp1(), size, completions);
        }
        return status;
    }

    private int deleteSubmission(Command command) {
        int id = command.dword(10) & 0xffff;
        SubmissionQueue queue = id == 0 ? null : queues.submission(id);
        if (queue == null) {
            return Status.INVALID_QUEUE_ID;
        }
        queues.deleteSubmission(queue);
        return Status.SUCCESS;
    }

    private int deleteCompletion(Command command) {
        int id = command.dword(10) & 0xffff;
        CompletionQueue queue = id == 0 ? null : queues.completion(id);
        if (queue == null) {
            return Status.INVALID_QUEUE_ID;
        }
        if (queue.users() > 0) {
            return Status.INVALID_QUEUE_DELETION;
        }
        queues.deleteCompletion(queue);
        return Status.SUCCESS;
    }

    /** Queue entries have 64 and 16 bytes, and a queue 2 to 1,024 of them (section 4.1.3). */
    private boolean badSize(int size) {
        return size < 2 || size > NvmeRegisters.MAX_ENTRIES || ((registers.cc() >>> 16) & 0xff) != ENTRY_SIZES;
    }

    /** Queues are contiguous (CAP.CQR), and begin with a page. */
    private int checkMemory(Command command) {
        if ((command.dword(11) & CONTIGUOUS) == 0) {
            return Status.INVALID_FIELD;
        }
        return (command.prp1() & (registers.pageSize() - 1)) == 0 ? Status.SUCCESS : Status.PRP_OFFSET_INVALID;
    }
}
