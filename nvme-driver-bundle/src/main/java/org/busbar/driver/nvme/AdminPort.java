package org.busbar.driver.nvme;

import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmeException;
import org.jspecify.annotations.Nullable;

/** A way to run admin commands: the admin queue itself, or the queue as seen by those who wait while it is being reset. */
interface AdminPort {

    /**
     * Runs a command.
     *
     * @param what the command's name, for messages
     * @param transfer its data, if it has any; the caller closes it if this returns, and must not if it throws
     * @return the completion, whatever its status
     */
    NvmeCompletion execute(String what, NvmeCommand command, @Nullable Transfer transfer, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException;

    /** Returns memory for a command's data. */
    Transfer transfer(String what, int bytes) throws NvmeException;

    /** Runs a command without data. Returns the first word of the completion. */
    default int run(String what, NvmeCommand command, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        return (int) requireSuccess(what, execute(what, command, null, deadline)).result();
    }

    /** Runs a command that has the controller fill memory, and returns a copy of that. */
    default byte[] read(String what, NvmeCommand command, int bytes, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        Transfer transfer = transfer(what, bytes);
        NvmeCompletion completion = execute(what, command, transfer, deadline);
        try (transfer) {
            requireSuccess(what, completion);
            return transfer.bytes(bytes);
        }
    }

    /** Returns the completion of a command that has to have succeeded. */
    static NvmeCompletion requireSuccess(String what, NvmeCompletion completion) throws NvmeException {
        if (!completion.status().isSuccess()) {
            throw new NvmeException(what, completion.status());
        }
        return completion;
    }
}
