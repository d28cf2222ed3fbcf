package org.busbar.net;

import java.io.IOException;
import org.busbar.device.Deadline;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A receive ring and a transmit ring of a port, for one thread at a time. Nothing in here blocks but {@link
 * #awaitReceive}, and nothing allocates per packet. A packet belongs to the pool of its queue: it can be sent by every
 * queue that was opened with the same pool, and by no other.
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
     * @throws IllegalArgumentException if the first cannot be sent: too short or long, of another pool, not the caller's any
     *     more, or asking for what the port lacks. Such a frame further on ends the batch before it
     */
    int transmit(@Nullable Packet[] from, int first, int count);

    /**
     * Waits until {@link #receive} would return something, as {@link PortQueueOptions#waiting} says.
     *
     * @return whether it would; false if the deadline has passed
     * @throws InterruptedException if the thread is interrupted
     */
    boolean awaitReceive(Deadline deadline) throws InterruptedException;

    /** Returns which of the port's queue pairs this is, from 0. */
    default int index() {
        return 0;
    }

    /**
     * Stops the queue pair: frames that have not left are given up, those that arrive for it are dropped, and
     * {@link #receive} and {@link #transmit} take nothing until {@link #start}. Repeated calls do nothing. Needs
     * {@link PortFeature#QUEUE_RESTART}.
     *
     * @throws UnsupportedOperationException if the port lacks the feature
     * @throws IOException if the device does not stop it; the message says why
     */
    default void stop() throws IOException {
        throw new UnsupportedOperationException("this port does not stop single queues");
    }

    /** Starts the queue pair again, with empty rings. Repeated calls do nothing. Errors as for {@link #stop}. */
    default void start() throws IOException {
        throw new UnsupportedOperationException("this port does not stop single queues");
    }

    /**
     * Returns the state of a descriptor of the receive ring. Needs {@link PortFeature#DESCRIPTOR_STATUS}.
     *
     * @param offset 0 for the one whose frame {@link #receive} returns next, then onwards
     * @throws UnsupportedOperationException if the port lacks the feature
     * @throws IndexOutOfBoundsException if the ring is not so long
     */
    default DescriptorStatus receiveStatus(int offset) {
        throw new UnsupportedOperationException("this port does not tell of its descriptors");
    }

    /**
     * Returns the state of a descriptor of the transmit ring.
     *
     * @param offset 0 for the one that {@link #transmit} uses next, then onwards. Errors as for {@link #receiveStatus}
     */
    default DescriptorStatus transmitStatus(int offset) {
        throw new UnsupportedOperationException("this port does not tell of its descriptors");
    }

    /**
     * Closes the queue, once frames that were handed over have left or a second has passed. Its packets return to their pool;
     * those that are the caller's remain so.
     */
    @Override
    void close();
}
