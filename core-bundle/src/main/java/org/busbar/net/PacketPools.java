package org.busbar.net;

import java.io.IOException;
import org.osgi.annotation.versioning.ProviderType;

/** Makes packets. An OSGi service. Thread-safe. */
@ProviderType
public interface PacketPools {

    /**
     * Makes a pool for queues to share, see {@link PortQueueOptions#pool}. Pools that are open when the caller's bundle stops
     * are closed as soon as their last packet is back.
     *
     * @param packets how many, at least 1
     * @param packetBytes bytes of frame each holds at least, 64 to 65535
     * @throws IOException if there is no memory; the message says what is missing
     */
    PacketPool create(int packets, int packetBytes) throws IOException;
}
