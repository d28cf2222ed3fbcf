package org.busbar.driver.support;

import org.busbar.net.DescriptorStatus;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/** The receive ring of a {@link RingQueue}. For one thread at a time; allocates nothing per packet. */
public interface ReceiveSide {

    /** Takes frames that have arrived, see {@link PortQueue#receive}. */
    int receive(@Nullable Packet[] into);

    /** Whether a frame, or a part of one, has arrived. */
    boolean hasFrame();

    /** Lets the device have as many buffers as it may. */
    void post();

    /** Says who has a descriptor, see {@link PortQueue#receiveStatus}. */
    DescriptorStatus status(int offset);

    /** Gives all buffers back; the device does not use them any more. */
    void abandon();
}
