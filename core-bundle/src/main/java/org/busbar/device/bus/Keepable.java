package org.busbar.device.bus;

import org.busbar.device.HandoverState;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A resource of a binding, given to {@link org.busbar.device.DeviceContext#own}, that can outlive it: usually the open device.
 */
@ConsumerType
public interface Keepable extends AutoCloseable {

    /**
     * Takes the device from its driver without taking it down: interrupts are off, the driver's ways to registers and all of
     * its memory that is not meant for a successor are gone when this returns. {@link #close} does nothing afterwards.
     *
     * @param state what the driver leaves to its successor
     * @return what is kept
     * @throws Exception if it cannot be kept; then nothing is, and the driver's {@code close} and this {@link #close} follow
     */
    Kept keep(HandoverState state) throws Exception;

    /** Gives the device up, unless it is kept. */
    @Override
    void close();
}
