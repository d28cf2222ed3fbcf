package org.busbar.emulator.internal.nvme;

/** Abort (section 5.1): only what is held back, and requests for events, can still be aborted. */
final class AbortCommand {

    private static final int NOT_ABORTED = 1;

    private final Queues queues;
    private final Events events;
    private final Faults faults;

    AbortCommand(Queues queues, Events events, Faults faults) {
        this.queues = queues;
        this.events = events;
        this.faults = faults;
    }

    void register(CommandTable table) {
        table.add(0x08, CommandTable.READS, this::execute);
    }

    private int execute(Command command) {
        int queue = command.dword(10) & 0xffff;
        int id = command.dword(10) >>> 16;
        boolean aborted = faults.now().obeysAborts() && abort(queue, id);
        command.result(aborted ? 0 : NOT_ABORTED);
        return Status.SUCCESS;
    }

    private boolean abort(int queue, int id) {
        SubmissionQueue admin = queues.submission(0);
        if (queue == 0 && admin != null && events.abort(id)) {
            queues.end(admin, id, Status.ABORT_REQUESTED);
            return true;
        }
        return queues.abort(queue, id, Status.ABORT_REQUESTED);
    }
}
