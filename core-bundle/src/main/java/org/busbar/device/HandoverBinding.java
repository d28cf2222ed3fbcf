package org.busbar.device;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A binding whose driver can leave its device running for a successor: the next version of the same driver. The bus keeps
 * the device and the memory that it works with for a moment; who comes next takes them over, or has the device reset.
 *
 * <p>Asked only if the driver leaves in order (its bundle is stopped or updated), after its services are unregistered and
 * {@link #quiesce} has succeeded. Never if the device is gone, or if the whole runtime stops.
 */
@ConsumerType
public interface HandoverBinding extends DriverBinding {

    /**
     * Hands the device over, in place of {@link #close}: the driver ends its threads, brings the device into a state from
     * which a successor can go on, and describes that state. When it returns the driver does not touch the device, its
     * registers or its memory any more. Requests that are made after this complete with {@link DeviceGoneException}, as
     * after a close.
     *
     * <p>{@link #close} is called after all if this returns nothing, throws, misses its deadline, or if the bus cannot keep
     * the device. It is not called otherwise: actions on revocation still are.
     *
     * @param deadline by when the call has to return; the thread is interrupted then
     * @return what the successor has to know, or nothing to have the device closed as always
     * @throws Exception if the device cannot be handed over
     */
    Optional<HandoverState> handOver(Deadline deadline) throws Exception;
}
