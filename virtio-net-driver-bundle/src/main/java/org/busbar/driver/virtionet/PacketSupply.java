package org.busbar.driver.virtionet;

import java.io.IOException;
import java.util.Set;
import java.util.function.Supplier;
import org.busbar.driver.support.QueuePackets;
import org.busbar.net.PacketPool;
import org.busbar.net.PortFeature;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.DriverPools;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;

/** Where queue pairs have their packets from: a pool that the application shares between ports, or one of their own. */
final class PacketSupply {

    /** An Ethernet header with a tag. */
    private static final int OVERHEAD = 18;

    private final PciDeviceContext context;
    private final VirtioNetConfig config;
    private final DriverPools pools;
    private final Features features;
    private final int mtu;
    private final Supplier<Set<PortFeature>> offered;

    /** @param offered what packets of the port may ask for */
    PacketSupply(
            PciDeviceContext context,
            VirtioNetConfig config,
            DriverPools pools,
            Features features,
            int mtu,
            Supplier<Set<PortFeature>> offered) {
        this.context = context;
        this.config = config;
        this.pools = pools;
        this.features = features;
        this.mtu = mtu;
        this.offered = offered;
    }

    /** Fails if the device would not give packets of a pool back. */
    void requireSharing() {
        if (!features.has(Feature.RING_RESET)) {
            throw new UnsupportedOperationException(name() + " cannot share a pool: the device has not offered "
                    + Feature.RING_RESET + ", without which it does not give packets back, or the driver's"
                    + " configuration has queueReset off");
        }
    }

    QueuePackets packets(QueuePair pair, @Nullable PacketPool given) throws IOException {
        String user = name() + " queue " + pair.index();
        if (given == null) {
            OwnPackets own = own(pair);
            return QueuePackets.own(own.pool(), own.address(), user);
        }
        if (!(given instanceof DriverPool pool)) {
            throw new IllegalArgumentException("only pools of the PacketPools service can be shared");
        }
        int needed = features.has(Feature.MRG_RXBUF) ? 0 : mtu + OVERHEAD;
        if (pool.packetBytes() < needed) {
            throw new IOException("%s receives frames of %d bytes, each into one packet, and those of the pool hold %d:"
                    .formatted(name(), needed, pool.packetBytes()) + " make it of larger ones");
        }
        return QueuePackets.shared(context.dma(), pool, user);
    }

    private OwnPackets own(QueuePair pair) throws DmaException {
        OwnPackets made = pair.own();
        if (made == null) {
            int bytes = config.bufferBytes() & -DriverPool.HEADROOM;
            int count = config.packetBuffers();
            DmaBuffer memory = context.dma().allocate((long) count * bytes);
            made = new OwnPackets(pools.over(memory.memory(), count, bytes, offered.get()), memory.address());
            pair.own(made);
        }
        return made;
    }

    private String name() {
        return context.id().address();
    }
}
