package org.busbar.pci.host;

import java.io.IOException;
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

    /** Turns interrupts off. When this returns the sink is not running, unless this is called from within it. */
    void disable();

    /** Takes interrupts. */
    @FunctionalInterface
    interface Sink {

        /** Vector {@code vector} has fired. */
        void fired(int vector);
    }
}
