package org.busbar.driver.nvme;

import java.util.concurrent.atomic.AtomicLong;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmeException;
import org.jspecify.annotations.Nullable;

/**
 * The admin queue for those who do not want to know of resets: commands wait for a reset to end, and those that it has cost
 * are run again if all they do is read. Thread-safe.
 */
final class PatientAdmin implements AdminPort {

    private final AdminQueue admin;
    private final Recovery recovery;
    private final AtomicLong answered = new AtomicLong();

    PatientAdmin(AdminQueue admin, Recovery recovery) {
        this.admin = admin;
        this.recovery = recovery;
    }

    @Override
    public NvmeCompletion execute(String what, NvmeCommand command, @Nullable Transfer transfer, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        while (true) {
            try {
                recovery.awaitReady(deadline);
            } catch (NvmeException failed) {
                return new NvmeCompletion(failed.status(), 0);
            }
            NvmeCompletion completion = admin.execute(what, command, transfer, deadline);
            boolean lost = Recovery.isLost(completion.status());
            if (!lost) {
                answered.incrementAndGet();
            }
            if (!lost || !onlyReads(command) || deadline.expired()) {
                return completion;
            }
        }
    }

    /** How many commands the controller has answered. */
    long answered() {
        return answered.get();
    }

    private static boolean onlyReads(NvmeCommand command) {
        return switch (command.opcode()) {
            case Opcode.IDENTIFY, Opcode.GET_LOG_PAGE, Opcode.GET_FEATURES -> true;
            default -> false;
        };
    }

    @Override
    public Transfer transfer(String what, int bytes) throws NvmeException {
        return admin.transfer(what, bytes);
    }
}
