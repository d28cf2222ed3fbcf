package org.busbar.device.bus;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.RemovalReason;
import org.busbar.device.dto.BusDTO;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.framework.ServiceReference;

/**
 * The core's side of one bus. The bus reports facts; the core compares what should be bound with what is, and acts until
 * both agree. Facts are recorded in the order of the calls. Thread-safe; nothing here is called back under a lock.
 */
@ProviderType
public interface BusSession extends AutoCloseable {

    /**
     * Records that devices have gone and come. Returns at once. A device that has gone is marked so before this returns:
     * its grant is revoked even if a probe or an orderly removal is under way.
     *
     * @param gone identities of devices that are not there any more
     * @param come devices that are there now
     * @return completes when the removals of {@code gone} are complete and nothing of their bindings is left
     */
    CompletableFuture<Void> devicesChanged(Collection<DeviceId> gone, Collection<? extends BusDevice> come);

    /** Records that a driver is there. Returns at once. */
    void driverArrived(BusDriver driver);

    /**
     * Records that a driver leaves, and removes its bindings. When this returns, no code of the driver runs any more on
     * behalf of the core; a driver that does not give up within the deadlines of the policy is revoked and reported.
     */
    void driverLeft(BusDriver driver);

    /** Looks again at devices whose {@link BusDevice#unavailable} may have changed. Returns at once. */
    void reevaluate(Collection<DeviceId> devices);

    /**
     * Removes the binding of a device that is about to be taken out, in order, and keeps it unbound from then on, until
     * the device goes or {@link #ejectCancelled} is called.
     *
     * @return completes when nothing of the binding is left
     */
    default CompletableFuture<Void> ejectRequested(DeviceId device) {
        return ejectRequested(device, RemovalReason.EJECT.text());
    }

    /**
     * The same for a device that its host wants back for another reason than that it is taken out.
     *
     * @param why the reason, fit for the end of a sentence
     */
    CompletableFuture<Void> ejectRequested(DeviceId device, String why);

    /** Ends what {@link #ejectRequested} began: the device stays and may be bound again. Returns at once. */
    void ejectCancelled(DeviceId device);

    /** Reports that the host noticed an error of a device. Its binding is removed and probed again with back-off. */
    void deviceFailed(DeviceId device, String why);

    /**
     * Removes a device's binding and keeps it unbound until {@link #attach}, or until another device is in its place.
     *
     * @return completes when nothing of the binding is left
     * @throws IllegalArgumentException if no such device is present
     */
    CompletableFuture<Void> detach(DeviceId device, RemovalReason reason);

    /** Ends what {@link #detach} began, forgets failures, and matches the device anew. Returns at once. */
    void attach(DeviceId device);

    /**
     * Has a device driven by the named driver, whatever the scores and the rebind policy say. The choice holds until
     * {@link #unbind}, {@link #attach} or until the device goes.
     *
     * @param driverName the name of a driver that is present and matches the device
     * @return completes when the device is bound to it, exceptionally with the failure of the probe
     * @throws IllegalArgumentException if there is no such device, no such driver, or the driver does not match; the
     *     message lists the drivers that do
     */
    CompletableFuture<Void> bind(DeviceId device, String driverName);

    /**
     * Has a device go from its driver to that one's successor, which is there already: a driver of the same name, of another
     * bundle with the same symbolic name. It is handed over if both can; else it is given up and probed from the start. If the
     * successor fails, or declines, drivers are tried as always, so that the one before gets it back. The successor goes before
     * others for this device until one of the two leaves.
     *
     * @param successor the successor's service
     * @return completes when the device is bound to the successor, exceptionally with the failure of the probe
     * @throws IllegalArgumentException if there is no such device, it has no driver, or the successor is none of that driver or
     *     does not match
     */
    CompletableFuture<Void> replace(DeviceId device, ServiceReference<?> successor);

    /**
     * Takes a device from its driver. It stays present and unbound until {@link #bind} or {@link #attach}.
     *
     * @return completes when nothing of the binding is left
     * @throws IllegalArgumentException if there is no such device, or it is not bound
     */
    CompletableFuture<Void> unbind(DeviceId device);

    /**
     * Waits until nothing is on its way: everything recorded before the call has been acted upon, and no probe or
     * removal runs. Devices that wait for a retry by the clock do not count.
     *
     * @throws DeviceTimeoutException if the deadline passes first; the message names what is on its way
     * @throws InterruptedException if the thread is interrupted
     */
    void settle(Deadline deadline) throws DeviceTimeoutException, InterruptedException;

    /**
     * Waits as {@link #settle(Deadline)} does, for some devices only: what is on its way for other devices is not waited
     * for. Devices that are not present count as settled once nothing is left of their bindings.
     *
     * @throws DeviceTimeoutException if the deadline passes first; the message names what is on its way
     * @throws InterruptedException if the thread is interrupted
     */
    default void settle(Collection<DeviceId> devices, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        settle(deadline);
    }

    /** Returns a snapshot of everything. */
    BusDTO snapshot();

    /** Returns the latest events, oldest first; at least the last 1,000 are kept. */
    List<DeviceEvent> history();

    /**
     * Has events delivered, in order, on a thread of the core, until the returned handle is closed. A listener that
     * throws is logged and kept.
     */
    AutoCloseable follow(Consumer<DeviceEvent> listener);

    /** Adds an event of the bus's own to the history. Returns at once. */
    void note(DeviceEvent.Kind kind, String text);

    /** Removes all bindings with {@link RemovalReason#SHUTDOWN}, within the deadlines of the policy, and ends the session. */
    @Override
    void close();
}
