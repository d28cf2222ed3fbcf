package org.busbar.device;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The probe cannot succeed yet, because something else is missing. The pair is tried again whenever another device was
 * bound, whenever a service that matches {@link #serviceFilter} appears, and, slowly, by the clock.
 */
public class ProbeDeferredException extends ProbeException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String serviceFilter;

    /**
     * @param waitsFor what is missing, in words that complete "waits for ..."
     */
    public ProbeDeferredException(String waitsFor) {
        this(waitsFor, null);
    }

    /**
     * @param waitsFor what is missing, in words that complete "waits for ..."
     * @param serviceFilter an OSGi filter; a service that matches it may be what is missing
     */
    public ProbeDeferredException(String waitsFor, @Nullable String serviceFilter) {
        super(waitsFor);
        this.serviceFilter = serviceFilter;
    }

    /** Returns the filter of the services whose arrival is worth another try. */
    public Optional<String> serviceFilter() {
        return Optional.ofNullable(serviceFilter);
    }
}
