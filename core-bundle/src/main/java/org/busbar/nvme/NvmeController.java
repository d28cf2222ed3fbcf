package org.busbar.nvme;

import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * An NVMe controller that is driven. An OSGi service that lives exactly as long as its binding; its service properties
 * below tell it from others. Thread-safe. Methods that talk to the controller block, take a deadline, and may run at any
 * time, also while I/O goes on: admin commands have a queue of their own.
 *
 * <p>Such methods throw
 *
 * <ul>
 *   <li>{@link NvmeException} if the controller ends the command with an error;
 *   <li>{@link UnsupportedOperationException} if the controller says in its identify data that it has no such command,
 *       without asking it;
 *   <li>{@link DeviceTimeoutException} if the deadline passes first; the command is then aborted, and may or may not have
 *       had its effect;
 *   <li>{@link org.busbar.device.DeviceGoneException} once the device is gone;
 *   <li>{@link InterruptedException} if the thread is interrupted; the command may still take effect.
 * </ul>
 *
 * <p>During a reset commands wait for its end, within their deadlines; those in flight when it began fail with
 * {@link NvmeException} (aborted), unless they only read: those are sent again.
 */
@ProviderType
public interface NvmeController {

    /** The namespace identifier that stands for all namespaces (section 6.1). */
    int ALL_NAMESPACES = 0xffff_ffff;

    /** Service property: PCI address ({@code String}). */
    String ADDRESS = "nvme.address";

    /** Service property: serial number ({@code String}). */
    String SERIAL = "nvme.serial";

    /** Service property: model number ({@code String}). */
    String MODEL = "nvme.model";

    /** Service property: firmware revision ({@code String}); changes with an activation. */
    String FIRMWARE = "nvme.firmware";

    /** Service property: version of the specification, for example {@code 1.4.0} ({@code String}). */
    String VERSION = "nvme.version";

    /** Service property: name of the NVM subsystem (SUBNQN), empty if it has none ({@code String}). */
    String SUBSYSTEM = "nvme.subsystem";

    /** Service property, of block devices too: controller identifier in the subsystem ({@code Integer}). */
    String CONTROLLER_ID = "nvme.controllerid";

    /** Service property of block devices: namespace identifier ({@code Integer}). */
    String NSID = "nvme.nsid";

    /** Returns the controller's name: its PCI address, the first part of its block devices' names. */
    String name();

    /** Returns what the controller said of itself when it was last started. Does not talk to it. */
    ControllerIdentity identity();

    /** Returns what the driver is doing with the controller, and counts of what went wrong. Does not talk to it. */
    ControllerStatus status();

    /** Returns the latest events, oldest first, 256 at most. Does not talk to it. See {@link NvmeEventListener}. */
    List<NvmeEvent> recentEvents();

    /**
     * Has the controller fill in one of its identify data structures (section 5.15).
     *
     * @param cns which (CNS), for example 01h for the controller
     * @param nsid of which namespace; 0 where none is meant
     * @return 4,096 bytes
     */
    byte[] identify(int cns, int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /**
     * Asks for all namespaces: the active ones and, from controllers with namespace management, those that exist but are
     * not attached to this controller (sections 5.15.2.3 and 5.15.2.7).
     *
     * @return in ascending order of their identifiers
     */
    List<NamespaceSummary> namespaces(Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /** Asks what a namespace is (sections 5.15.2.1, 5.15.2.4 and, for one that is not attached, 5.15.2.8). */
    NamespaceIdentity namespace(int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /**
     * Attaches a namespace to this controller (section 5.19). When this returns its block device is there, unless the
     * driver cannot offer it.
     */
    void attach(int nsid, Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException;

    /**
     * Detaches a namespace from this controller (section 5.19). Its block device goes first and takes no more requests;
     * those in flight are waited for. If they have not completed by the deadline nothing is done, and the block device
     * comes back.
     */
    void detach(int nsid, Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException;

    /**
     * Formats a namespace: all its data is lost (section 5.23). Its block device goes first, as with {@link #detach}, and
     * another one comes in the new format. This may take minutes: give it a deadline to match.
     */
    void format(FormatRequest request, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /**
     * Resets the controller and starts it again (section 7.3.2). Open block queues stay open: what was in flight is sent
     * again, unless it was late already or was in flight in too many resets.
     *
     * @throws NvmeException if it does not start again; its binding then fails and is probed anew
     */
    void reset(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException;

    /** Returns the log pages. */
    NvmeLogs logs();

    /** Returns the features. */
    NvmeFeatures features();

    /**
     * Returns the way for commands that this API does not have.
     *
     * @throws UnsupportedOperationException unless {@code passthrough=true} in the configuration
     *     {@code org.busbar.driver.nvme} opens it
     */
    NvmePassthrough passthrough();
}
