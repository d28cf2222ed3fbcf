package org.busbar.device;

import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The exclusive, revocable grant of one device to one driver, from the start of a probe to the end of the removal.
 *
 * <p>Everything that is got through a context dies with the binding, in reverse order of acquisition, even if the driver
 * does not release it. Once the grant is revoked, {@link #publish}, {@link #executor} and
 * {@link #await} throw {@link DeviceGoneException}; the other methods go on working. Thread-safe.
 */
@ProviderType
public interface DeviceContext {

    /** Returns which device this is. */
    DeviceId id();

    /** Returns by when the probe has to be done. */
    Deadline probeDeadline();

    /** Returns whether the grant has been revoked: the device is gone, or the driver has missed a deadline. */
    boolean isRevoked();

    /**
     * Has an action run once when the grant is revoked, before anything is released. The action must be short and must
     * not block; it runs at once if the grant is already revoked. Its place is failing what is in flight.
     */
    void onRevoked(Runnable action);

    /**
     * Offers a service to applications, registered in the name of the driver's bundle. It is unregistered as the first
     * step of a removal, before {@link DriverBinding#quiesce}. Services that are published during a probe become
     * visible when the probe has succeeded.
     *
     * @param type the service's interface, from a package that applications see
     * @param service what to register
     * @param properties service properties, added to those that name the device ({@code busbar.device},
     *     {@code busbar.generation}, {@code busbar.driver})
     * @return a handle to change the properties or to withdraw the service early
     */
    <S> Publication publish(Class<S> type, S service, Map<String, ?> properties);

    /**
     * Returns an executor whose tasks run on virtual threads of this binding. At removal, after
     * {@link DriverBinding#close}, its threads are interrupted and waited for.
     */
    Executor executor();

    /**
     * Waits until a condition on the device holds, usually a register's state. The condition is evaluated on the calling
     * thread, at once and then again at growing intervals of at most one millisecond; the wait ends early when the grant
     * is revoked.
     *
     * @param what what is waited for, in words that complete "timed out waiting for ..."
     * @throws DeviceTimeoutException if the deadline passes first
     * @throws DeviceGoneException if the grant is revoked
     * @throws InterruptedException if the thread is interrupted
     */
    void await(String what, BooleanSupplier condition, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException;

    /**
     * Hands a resource to the binding: it is closed after {@link DriverBinding#close}, in reverse order of acquisition.
     * If the binding has already ended it is closed at once.
     *
     * @param what what it is, for reports
     * @return the resource
     */
    <R extends AutoCloseable> R own(String what, R resource);

    /**
     * Reports that the device looks gone, for example because registers read as all ones. A hint: the bus looks at the
     * host and decides. Returns at once and never throws.
     */
    void suspectGone(String why);

    /**
     * Reports that the driver cannot go on with this device. The binding is removed with {@link RemovalReason#FAILURE}
     * and probed again with back-off. Returns at once and never throws.
     */
    void fail(Throwable cause);
}
