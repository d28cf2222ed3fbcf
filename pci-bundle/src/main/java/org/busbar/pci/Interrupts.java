package org.busbar.pci;

import java.io.IOException;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The interrupts of a device. Off until {@link #enable}, off again when the binding ends: after that no handler runs.
 * Thread-safe.
 */
@ProviderType
public interface Interrupts {

    /** Returns how many vectors the device offers by MSI-X or, failing that, MSI; 0 if it has neither. */
    int available();

    /**
     * Turns on the first {@code vectors} vectors. May be called once per binding.
     *
     * @param vectors 1 to {@link #available}
     * @param handler called with the vector, from one thread of this binding; fires that come while it runs are
     *     merged into one call per vector. It must not block for long. If it throws, the binding fails.
     * @throws IOException if the host refuses; the message says why
     * @throws IllegalArgumentException if there are not so many
     * @throws IllegalStateException if interrupts are enabled already
     */
    void enable(int vectors, Handler handler) throws IOException;

    /**
     * Returns whether the device can interrupt by a pin (INTA# to INTD#), which conventional PCI devices without MSI have
     * instead of vectors.
     */
    boolean hasPin();

    /**
     * Turns on the interrupt of the pin, in place of vectors. The pin is level-triggered: the handler has the device take
     * the interrupt back, or it is called again at once.
     *
     * @param handler called with vector 0, as that of {@link #enable}
     * @throws IOException if the host refuses; the message says why
     * @throws IllegalArgumentException if there is no pin
     * @throws IllegalStateException if interrupts are enabled already
     */
    void enablePin(Handler handler) throws IOException;

    /**
     * Takes a vector that is enabled from its handler, for a thread that waits for it by itself.
     *
     * @return nothing if the host has no such way, somebody else has the vector, or interrupts are off by now
     * @throws IllegalArgumentException if the vector is not enabled
     */
    default Optional<InterruptWaiter> waiter(int vector) {
        return Optional.empty();
    }

    /** Called for interrupts. */
    @FunctionalInterface
    interface Handler {

        /** Called after vector {@code vector} has fired once or more since the last call. */
        void interrupt(int vector);
    }
}
