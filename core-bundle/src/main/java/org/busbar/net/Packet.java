package org.busbar.net;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A frame in memory that the device can reach. Preallocated, owned by one party at a time: the caller between {@link
 * PortQueue#allocate} or {@link PortQueue#receive} and {@link PortQueue#transmit} or {@link #release}; the port
 * otherwise.
 */
@ProviderType
public interface Packet {

    /** Returns the whole buffer; the frame is its first {@link #length} bytes, from the destination address on. */
    MemorySegment data();

    /** Returns the length of the frame in bytes, without frame check sequence. */
    int length();

    /**
     * Sets the length of the frame.
     *
     * @throws IllegalArgumentException if the buffer is smaller
     */
    void length(int bytes);

    /** Gives the buffer back to its pool. */
    void release();
}
