package org.busbar.net.driver;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.busbar.net.PortFeature;
import org.osgi.annotation.versioning.ProviderType;

/** Makes the pools of queues that share none. An OSGi service. Thread-safe. */
@ProviderType
public interface DriverPools {

    /**
     * Makes packets of memory that the driver has got from its device. The memory stays the driver's. Once it is gone,
     * accesses to a packet's data fail as accesses to the memory do, and everything else works as before.
     *
     * @param memory of {@code packets * bufferBytes} bytes at least
     * @param packets how many, at least 1
     * @param bufferBytes bytes of each with {@link DriverPool#HEADROOM}, a multiple of 64
     * @param features what the port can do: other requests fail when they are made, not when the packet is sent
     */
    DriverPool over(MemorySegment memory, int packets, int bufferBytes, Set<PortFeature> features);
}
