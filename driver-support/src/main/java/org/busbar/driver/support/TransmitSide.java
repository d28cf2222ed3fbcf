package org.busbar.driver.support;

import org.busbar.net.DescriptorStatus;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/** The transmit ring of a {@link RingQueue}. For one thread at a time; allocates nothing per packet. */
public interface TransmitSide {

    /** Hands frames over, see {@link PortQueue#transmit}. */
    int transmit(@Nullable Packet[] from, int first, int count);

    /** Gives the buffers of frames that have been sent back to the pool. */
    void reclaim();

    /** Whether all frames that were handed over have been sent and reclaimed. */
    boolean isEmpty();

    /** Says who has a descriptor, see {@link PortQueue#transmitStatus}. */
    DescriptorStatus status(int offset);

    /** Gives all buffers back; the device does not use them any more. */
    void abandon();
}
