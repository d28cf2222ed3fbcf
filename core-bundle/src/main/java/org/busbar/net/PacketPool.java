package org.busbar.net;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Packets that several queues share, of the same port or of several: what one receives another sends, without a copy. Memory
 * of the application, not of a device: a device that goes leaves the packets that it had to the pool. Thread-safe.
 */
@ProviderType
public interface PacketPool extends AutoCloseable {

    /** Returns how many packets there are. */
    int size();

    /** Returns how many are in the pool: neither an application's nor in a ring nor kept by an open queue for its next use. */
    int available();

    /** Returns how many bytes of frame each packet holds at least. */
    int packetBytes();

    /** Takes a packet, which is then the caller's; null if all are in use. */
    @Nullable
    Packet allocate();

    /**
     * Gives the memory back: at once or, if a device still has packets of queues that are closed, when they have come back.
     * Nothing can be allocated from here on. Repeated calls do nothing.
     *
     * @throws IllegalStateException if queues are open on it, or packets are out; the message says how many
     */
    @Override
    void close();
}
