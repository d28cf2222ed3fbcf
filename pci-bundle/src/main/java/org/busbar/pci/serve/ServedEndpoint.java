package org.busbar.pci.serve;

import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/** A function that is being served. Thread-safe. */
@ProviderType
public interface ServedEndpoint extends AutoCloseable {

    /** Returns the socket. */
    Path socket();

    /** Returns whether a client has the function. */
    boolean inUse();

    /** Hangs up on the client, if there is one, waits until the function is closed, and removes the socket. */
    @Override
    void close();
}
