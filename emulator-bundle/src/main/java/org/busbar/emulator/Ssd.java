package org.busbar.emulator;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * An NVMe card while it runs, from behind: what another host of the same SSD, its firmware or the room that it is in do
 * to it. Thread-safe; each method returns when the card has done it, at most ten seconds later. A change to a namespace
 * is announced to the driver as the specification asks for (Namespace Attribute Notices, NVMe Base 1.4, section 5.2).
 */
@ProviderType
public interface Ssd {

    /**
     * A namespace as it is now.
     *
     * @param id namespace identifier
     * @param blocks size in blocks
     * @param blockSize bytes of data per block
     * @param metadata bytes of metadata per block
     * @param protection type of protection information, 0 for none
     * @param attached whether the controller offers it to its driver
     * @param uuid its UUID, as text
     */
    record NamespaceState(
            int id, long blocks, int blockSize, int metadata, int protection, boolean attached, String uuid) {}

    /** Returns all namespaces, attached or not, ascending. */
    List<NamespaceState> namespaces();

    /**
     * Makes a namespace under the lowest identifier that is free, not attached yet.
     *
     * @return its identifier
     * @throws IllegalArgumentException if there cannot be such a namespace
     * @throws IllegalStateException if all identifiers are in use
     */
    int create(NvmeNamespace namespace);

    /**
     * Deletes a namespace with all that it holds; detaches it before.
     *
     * @throws IllegalArgumentException if there is no such namespace
     */
    void delete(int id);

    /**
     * Attaches a namespace; one that is attached stays so.
     *
     * @throws IllegalArgumentException if there is no such namespace
     */
    void attach(int id);

    /**
     * Detaches a namespace; commands to it fail from now on. One that is not attached stays so.
     *
     * @throws IllegalArgumentException if there is no such namespace
     */
    void detach(int id);

    /** Makes and attaches a namespace. Returns its identifier; throws as {@link #create}. */
    default int add(NvmeNamespace namespace) {
        int id = create(namespace);
        attach(id);
        return id;
    }

    /**
     * Changes the size of a namespace; what lies beyond the new end is lost.
     *
     * @throws IllegalArgumentException if there is no such namespace, or it cannot have that size
     */
    void resize(int id, long blocks);

    /** Sets the temperature, in degrees Celsius, -273 to 1,000. 38 at the start. */
    void temperature(int celsius);

    /**
     * Raises critical warnings, and withdraws those not named (NVMe Base 1.4, figure 194). That of the temperature (bit
     * 1) follows from the temperature in addition.
     *
     * @param bits spare below its threshold 1, reliability degraded 4, read only 8, backup of volatile memory failed 16
     */
    void criticalWarning(int bits);

    /**
     * Returns how often the driver has rung a submission queue's doorbell register since the card was plugged in. Exact
     * once the driver has paused.
     *
     * @param queue queue identifier
     */
    long submissionDoorbells(int queue);

    /** Returns how often the driver has rung a completion queue's doorbell register; as {@link #submissionDoorbells}. */
    long completionDoorbells(int queue);

    /**
     * Returns how often the controller was reset so far: disabled by its driver (CC.EN), or with its function. Only a
     * difference between two answers says something.
     */
    long resets();

    /** Fails: CSTS.CFS is set until the controller is reset. */
    void fatal();
}
