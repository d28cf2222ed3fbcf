package org.busbar.nvme;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told of what happens to controllers. To be registered as an OSGi service; the driver finds it.
 *
 * <p>Each controller has one thread that calls all listeners, one event after the other. A listener that keeps it busy
 * loses events once 256 wait; it holds up no I/O. What it throws is logged.
 */
@ConsumerType
@FunctionalInterface
public interface NvmeEventListener {

    /** Called for an event. */
    void nvmeEvent(NvmeEvent event);
}
