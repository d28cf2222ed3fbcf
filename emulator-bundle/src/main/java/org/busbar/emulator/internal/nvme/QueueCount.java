package org.busbar.emulator.internal.nvme;

import java.util.function.BooleanSupplier;

/** Number of Queues (section 5.21.1.7): always all, once asked for anything sensible before there are any. */
final class QueueCount implements Feature {

    private final int granted;
    private final BooleanSupplier ioQueuesExist;

    /**
     * @param pairs I/O queue pairs that are granted
     */
    QueueCount(int pairs, BooleanSupplier ioQueuesExist) {
        granted = (pairs - 1) | ((pairs - 1) << 16);
        this.ioQueuesExist = ioQueuesExist;
    }

    @Override
    public int set(Command command) {
        int value = command.dword(11);
        if (ioQueuesExist.getAsBoolean()) {
            return Status.COMMAND_SEQUENCE_ERROR;
        }
        if ((value & 0xffff) == 0xffff || value >>> 16 == 0xffff) {
            return Status.INVALID_FIELD;
        }
        command.result(granted);
        return Status.SUCCESS;
    }

    @Override
    public int get(Command command, boolean initial) {
        command.result(granted);
        return Status.SUCCESS;
    }

    @Override
    public void reset() {
        // It is always the same.
    }
}
