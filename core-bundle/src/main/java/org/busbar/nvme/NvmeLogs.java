package org.busbar.nvme;

import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.osgi.annotation.versioning.ProviderType;

/** The log pages of a controller (section 5.14). Thread-safe; blocks, and throws, as {@link NvmeController} says. */
@ProviderType
public interface NvmeLogs {

    /** Log page identifiers (figure 191 and NVMe Base 2.0, figure 202). */
    int ERROR = 0x01;
    int SMART = 0x02;
    int FIRMWARE = 0x03;
    int CHANGED_NAMESPACES = 0x04;
    int COMMANDS_SUPPORTED = 0x05;
    int SELF_TEST = 0x06;
    int SANITIZE = 0x81;

    /** Reads SMART / Health of the controller as a whole (section 5.14.1.2). */
    default HealthLog health(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        return health(NvmeController.ALL_NAMESPACES, deadline);
    }

    /**
     * Reads SMART / Health (section 5.14.1.2).
     *
     * @param nsid a namespace, where the controller keeps that log per namespace (LPA bit 0), or
     *     {@link NvmeController#ALL_NAMESPACES}
     */
    HealthLog health(int nsid, Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException;

    /**
     * Reads the error log (section 5.14.1.1).
     *
     * @param max how many entries at most, 64 of them in any case
     * @return those that are filled, newest first
     */
    List<ErrorLogEntry> errors(int max, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /** Reads the firmware slots (section 5.14.1.3). */
    FirmwareLog firmware(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException;

    /**
     * Reads any log page, in as many commands as it takes. Never clears an event that it belongs to: the driver does that.
     *
     * @param page its identifier (LID)
     * @param nsid a namespace or {@link NvmeController#ALL_NAMESPACES}
     * @param specific the field that some pages have (LSP), 0 otherwise
     * @param offset of the first byte, a multiple of 4
     * @param bytes how many, a multiple of 4, 4 to 1,048,576
     * @return so many bytes
     * @throws UnsupportedOperationException if an offset is needed, by the caller or for what is behind the first 4,096 bytes,
     *     and the controller has none (LPA bit 2)
     */
    byte[] read(int page, int nsid, int specific, long offset, int bytes, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;
}
