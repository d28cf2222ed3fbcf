package org.busbar.driver.nvme;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmePassthrough;
import org.jspecify.annotations.Nullable;

/** Commands as somebody else has made them. Thread-safe. */
final class RawCommands implements NvmePassthrough {

    /** What would take the driver's queues, events, doorbells or namespaces away from it. */
    private static final Set<Integer> REFUSED = Set.of(
            Opcode.DELETE_IO_SQ,
            Opcode.CREATE_IO_SQ,
            Opcode.DELETE_IO_CQ,
            Opcode.CREATE_IO_CQ,
            Opcode.ABORT,
            Opcode.ASYNC_EVENT_REQUEST,
            Opcode.NAMESPACE_ATTACHMENT,
            Opcode.FORMAT_NVM,
            Opcode.DOORBELL_BUFFER_CONFIG);

    /** Gives the way for commands of the I/O command set, when the first is sent. */
    @FunctionalInterface
    interface IoWay {
        AdminPort open(Deadline deadline) throws IOException, DeviceTimeoutException, InterruptedException;
    }

    private final AdminPort admin;
    private final IoWay io;
    private final long maxTransfer;

    RawCommands(AdminPort admin, IoWay io, long maxTransfer) {
        this.admin = admin;
        this.io = io;
        this.maxTransfer = Math.min(maxTransfer, MAX_DATA);
    }

    @Override
    public NvmeCompletion admin(NvmeCommand command, @Nullable ByteBuffer data, Deadline deadline)
            throws IOException, DeviceTimeoutException, InterruptedException {
        if (REFUSED.contains(command.opcode())) {
            throw new IllegalArgumentException(
                    "admin command %02xh is the driver's own; it is not to be sent from outside"
                            .formatted(command.opcode()));
        }
        if (command.opcode() == Opcode.SET_FEATURES) {
            FeatureAccess.requireNotOwn(command.dword10() & 0xff);
        }
        return run(admin, "Admin command %02xh".formatted(command.opcode()), command, data, deadline);
    }

    @Override
    public NvmeCompletion io(NvmeCommand command, @Nullable ByteBuffer data, Deadline deadline)
            throws IOException, DeviceTimeoutException, InterruptedException {
        check(command, data);
        return run(io.open(deadline), "I/O command %02xh".formatted(command.opcode()), command, data, deadline);
    }

    private NvmeCompletion run(
            AdminPort port, String what, NvmeCommand command, @Nullable ByteBuffer data, Deadline deadline)
            throws IOException, DeviceTimeoutException, InterruptedException {
        check(command, data);
        if (data == null || !data.hasRemaining()) {
            return port.execute(what, command, null, deadline);
        }
        Transfer transfer = port.transfer(what, data.remaining());
        if (command.sends()) {
            transfer.put(data.duplicate());
        }
        NvmeCompletion completion = port.execute(what, command, transfer, deadline);
        try (transfer) {
            if (command.receives()) {
                transfer.get(data);
            }
            return completion;
        }
    }

    private void check(NvmeCommand command, @Nullable ByteBuffer data) {
        int bytes = data == null ? 0 : data.remaining();
        if (bytes > 0 && !command.sends() && !command.receives()) {
            throw new IllegalArgumentException("command %02xh moves no data, or both ways, as its opcode says"
                    .formatted(command.opcode()));
        }
        if (bytes > maxTransfer || (bytes & 3) != 0) {
            throw new IllegalArgumentException("a command moves at most " + maxTransfer
                    + " bytes, a multiple of 4, not " + bytes);
        }
        if (command.receives() && data != null && data.isReadOnly()) {
            throw new IllegalArgumentException("what the command gives cannot be put into a read-only buffer");
        }
    }
}
