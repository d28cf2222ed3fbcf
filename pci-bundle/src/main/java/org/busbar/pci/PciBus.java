package org.busbar.pci;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.dto.BusDTO;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.framework.ServiceReference;

/**
 * The PCI bus of this runtime: all functions of all hosts. An OSGi service, thread-safe.
 *
 * <p>Nothing needs to be called for devices and drivers to find each other; these are the operator's verbs. They all
 * wait until what they cause is done, or until their deadline.
 */
@ProviderType
public interface PciBus {

    /** Returns the functions that are present, by address. */
    List<PciDevice> devices();

    /** Returns the function at an address. */
    Optional<PciDevice> device(PciAddress address);

    /** Returns the names of the hosts with the last problem of each, empty if it has none. */
    List<HostStatus> hosts();

    /**
     * Compares what the hosts report with what is known, and applies the difference.
     *
     * @return what changed
     * @throws DeviceTimeoutException if removals or probes that this causes are not done in time
     */
    RescanResult rescan(Deadline deadline) throws DeviceTimeoutException, InterruptedException;

    /**
     * Scans one address and matches what is there: ends a {@link #detach}, forgets failures. An address that is attached
     * already is left as it is.
     *
     * @throws IllegalArgumentException if there is no function at that address
     */
    void attach(PciAddress address, Deadline deadline) throws DeviceTimeoutException, InterruptedException;

    /**
     * Removes the binding of the function at an address, and leaves it alone until attached or re-inserted.
     *
     * @throws IllegalArgumentException if there is no function at that address
     */
    void detach(PciAddress address, Deadline deadline) throws DeviceTimeoutException, InterruptedException;

    /**
     * Has the function at an address driven by the named driver.
     *
     * @throws IllegalArgumentException if there is no such function or driver, or the driver does not match it
     * @throws BindException if the probe failed; the message says why
     */
    void bind(PciAddress address, String driver, Deadline deadline)
            throws BindException, DeviceTimeoutException, InterruptedException;

    /**
     * Has the function at an address go from its driver to that one's successor, which is there already: a driver of the same
     * name, of another bundle with the same symbolic name. It is handed over without a reset if both can. If the successor
     * fails, drivers are tried as always: the one before gets the function back.
     *
     * @param successor the successor's service
     * @throws IllegalArgumentException if there is no such function, it has no driver, or this is no successor of it
     * @throws BindException if the successor did not take it; the message says why
     */
    void replace(PciAddress address, ServiceReference<PciDriver> successor, Deadline deadline)
            throws BindException, DeviceTimeoutException, InterruptedException;

    /**
     * Takes the function at an address from its driver; it stays, unbound, until bound or attached.
     *
     * @throws IllegalArgumentException if there is no such function, or it is not bound
     */
    void unbind(PciAddress address, Deadline deadline) throws DeviceTimeoutException, InterruptedException;

    /** Waits until everything that has been noticed so far is done. */
    void settle(Deadline deadline) throws DeviceTimeoutException, InterruptedException;

    /** Returns a snapshot of everything: devices, drivers, bindings, states with reason and time. */
    BusDTO snapshot();

    /** Returns the latest events, oldest first. */
    List<DeviceEvent> history();

    /** Has events delivered, in order, until the returned handle is closed. */
    AutoCloseable follow(Consumer<DeviceEvent> listener);

    /**
     * What a rescan changed.
     *
     * @param added addresses that appeared
     * @param removed addresses that vanished
     * @param replaced addresses at which another function is now
     * @param problems what could not be read, in words
     */
    record RescanResult(
            List<PciAddress> added, List<PciAddress> removed, List<PciAddress> replaced, List<String> problems) {}

    /**
     * A host and how it is.
     *
     * @param name the host's name
     * @param functions how many functions it reports
     * @param watching how it notices changes, in words
     * @param problems what went wrong at its last scan, in words
     */
    record HostStatus(String name, int functions, String watching, List<String> problems) {}
}
