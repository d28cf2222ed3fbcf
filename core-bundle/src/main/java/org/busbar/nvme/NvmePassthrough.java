package org.busbar.nvme;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Raw commands, for everything that has no method: firmware, sanitize, security, creation of namespaces, what vendors
 * add. The controller is the only judge of what they do. Thread-safe; blocks, and throws, as {@link NvmeController} says.
 *
 * <p>Commands that would saw off the branch that the driver sits on are refused with
 * {@link IllegalArgumentException}: creation and deletion of queues, asynchronous event requests, abort, doorbell buffers,
 * and the features named in {@link NvmeFeatures#set}.
 */
@ProviderType
public interface NvmePassthrough {

    /** The most data that a command may carry, in bytes; a controller's MDTS may be less. */
    int MAX_DATA = 1 << 20;

    /**
     * Runs an admin command.
     *
     * @param data sent from its position to its limit, or filled so: which of both follows from the opcode's lowest two
     *     bits (section 4.2, figure 105: 01b sends, 10b receives); null if the command has none
     * @return the completion, whatever its status
     * @throws IOException if there is no memory for the data, or the command was lost in a reset
     */
    NvmeCompletion admin(NvmeCommand command, @Nullable ByteBuffer data, Deadline deadline)
            throws IOException, DeviceTimeoutException, InterruptedException;

    /** Runs a command on an I/O queue; otherwise as {@link #admin}. It is not ordered with those of block queues. */
    NvmeCompletion io(NvmeCommand command, @Nullable ByteBuffer data, Deadline deadline)
            throws IOException, DeviceTimeoutException, InterruptedException;
}
