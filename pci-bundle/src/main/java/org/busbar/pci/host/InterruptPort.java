package org.busbar.pci.host;

import java.io.IOException;
import java.util.Optional;
import org.busbar.pci.InterruptWaiter;
import org.osgi.annotation.versioning.ConsumerType;

/** The interrupts of an open function. */
@ConsumerType
public interface InterruptPort {

    /** Returns how many vectors there are by MSI-X or, failing that, MSI; 0 if there are none. */
    int available();

    /**
     * Turns on the first {@code count} vectors.
     *
     * @param sink called with the vector for each interrupt, from one thread of this function's own, which it may block;
     *     fires that come meanwhile are merged
     * @throws IOException if that is not possible
     */
    void enable(int count, Sink sink) throws IOException;

    /** Returns whether the function can interrupt by a pin (INTA# to INTD#). */
    default boolean hasPin() {
        return false;
    }

    /**
     * Turns on the interrupt of the pin, in place of vectors. It is masked from the moment it fires until the sink has
     * returned; if the function asserts it still, it fires again.
     *
     * @param sink called with vector 0, as that of {@link #enable}
     * @throws IOException if that is not possible
     */
    default void enablePin(Sink sink) throws IOException {
        throw new IOException("the function has no interrupt pin");
    }

    /**
     * Takes a vector that is on from the sink, for a thread that waits for it by itself; nothing if there is no such way or
     * somebody has it. {@link #disable} ends it.
     */
    default Optional<InterruptWaiter> waiter(int vector) {
        return Optional.empty();
    }

    /** Turns interrupts off. When this returns the sink is not running, unless this is called from within it. */
    void disable();

    /** Takes interrupts. */
    @FunctionalInterface
    interface Sink {

        /** Vector {@code vector} has fired. */
        void fired(int vector);
    }
}
