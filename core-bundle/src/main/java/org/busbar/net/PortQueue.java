package org.busbar.net;

import org.busbar.device.Deadline;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A receive ring and a transmit ring of a port, for one thread at a time. Nothing in here blocks but {@link
 * #awaitReceive}, and nothing allocates per packet.
 */
@ProviderType
public interface PortQueue extends AutoCloseable {

    /** Takes a buffer from the pool, or returns null if all are in use; {@link #transmit} of nothing reclaims sent ones. */
    @Nullable
    Packet allocate();

    /**
     * Takes frames that have arrived.
     *
     * @param into filled from index 0; the caller owns the packets
     * @return how many, possibly 0
     */
    int receive(@Nullable Packet[] into);

    /**
     * Hands frames to the device and reclaims buffers of frames that have been sent. Packets that were accepted belong to
     * the port and return to their pool once sent.
     *
     * @param from frames, from index {@code first} on
     * @param count how many
     * @return how many were accepted, possibly 0; the caller keeps the rest
     */
    int transmit(@Nullable Packet[] from, int first, int count);

    /**
     * Waits, without using the processor, until {@link #receive} would return something.
     *
     * @return whether it would; false if the deadline has passed
     * @throws InterruptedException if the thread is interrupted
     */
    boolean awaitReceive(Deadline deadline) throws InterruptedException;

    /** Closes the queue; its buffers return to the device's memory. */
    @Override
    void close();
}
