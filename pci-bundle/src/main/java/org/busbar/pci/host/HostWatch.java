package org.busbar.pci.host;

import org.osgi.annotation.versioning.ConsumerType;

/** A watch for changes that is under way. */
@ConsumerType
public interface HostWatch extends AutoCloseable {

    /** Returns how changes are noticed, in words, for example {@code uevents} or {@code polling every 2 s}. */
    String how();

    /** Ends the watch; when this returns the listener is not called any more. */
    @Override
    void close();
}
