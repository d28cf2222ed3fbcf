package org.busbar.device;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A device and the driver that drives it, as the driver sees it: what a successful probe returns.
 *
 * <p>The core calls {@link #quiesce} (not on surprise) and then {@link #close}, each at most once, from one thread of
 * the device's own, never at the same time. By then the services that the driver published are already unregistered.
 * What the driver acquired through its context is released after {@code close} returns, whether the driver has released
 * it or not.
 */
@ConsumerType
public interface DriverBinding {

    /**
     * Stops taking new work and finishes, or fails, what is in flight.
     *
     * @param deadline by when the call has to return; what is still in flight then will not be waited for
     * @throws Exception if the device cannot be brought to rest; removal goes on regardless
     */
    void quiesce(Deadline deadline) throws Exception;

    /**
     * Gives the device up. Every request that is still in flight completes here, with {@link DeviceGoneException} on
     * surprise. The call has to return within the close deadline of the policy; its thread is interrupted when the
     * deadline passes.
     *
     * @param reason why; if {@link RemovalReason#isSurprise()}, no register may be touched
     * @throws Exception if giving up failed; removal goes on regardless and the failure is reported
     */
    void close(RemovalReason reason) throws Exception;
}
