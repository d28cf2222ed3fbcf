package org.busbar.net;

import java.io.IOException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A port of a network interface. An OSGi service that lives exactly as long as its binding. Thread-safe.
 *
 * <p>After the device has gone every method that talks to it fails with
 * {@link org.busbar.device.DeviceGoneException}.
 */
@ProviderType
public interface NetworkPort {

    /** Service property: Ethernet address in the form of {@link MacAddress#toString}. */
    String MAC = "net.mac";

    /** Returns a short name, unique among the ports of a runtime, for example {@code 0000:03:00.0}. */
    String name();

    /** Returns the port's Ethernet address. */
    MacAddress mac();

    /** Returns the state of the link as the device reports it now. */
    LinkState link();

    /** Has a listener told of changes of the link, on a thread of the port, until the returned handle is closed. */
    AutoCloseable onLinkChange(LinkListener listener);

    /** Returns the largest payload of a frame in bytes, usually 1500. */
    int mtu();

    /** Returns counters since the binding began. */
    PortStatistics statistics();

    /**
     * Opens the port's queue pair for the calling thread or any one other.
     *
     * @throws IOException if all queue pairs are open already, or there is no memory for buffers; the message says which
     */
    PortQueue openQueue() throws IOException;

    /** Told of changes of the link. */
    @FunctionalInterface
    interface LinkListener {
        /** Called after the link has changed. */
        void linkChanged(LinkState state);
    }
}
