package org.busbar.driver.nic;

import java.io.IOException;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Traffic;
import org.busbar.net.PacketPool;
import org.busbar.net.PortStatistics;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.DriverPools;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;

/**
 * What a queue pair has for as long as the binding lasts, whether it is open or not: memory, which stays because the controller
 * may be writing into a ring that was just stopped, and counters. The lock of {@link Queues} guards it.
 */
final class QueuePair {

    /** Bytes of frame in packets of its own: what frames of usual size fit into. */
    static final int OWN_BYTES = 2048;

    private static final int OWN_BUFFER = DriverPool.HEADROOM + OWN_BYTES;

    private final int index;
    private final Traffic incoming = new Traffic();
    private final Traffic outgoing = new Traffic();
    private @Nullable Rings rings;
    private @Nullable OwnPackets own;
    private @Nullable NicQueue open;
    /** Frames that queues that were closed have dropped. */
    private long droppedBefore;

    /** The memory of the rings. */
    record Rings(DmaBuffer receive, DmaBuffer transmit) {}

    /** The packets of a queue pair that shares none. */
    private record OwnPackets(DriverPool pool, long address) {}

    QueuePair(int index) {
        this.index = index;
    }

    int index() {
        return index;
    }

    Traffic incoming() {
        return incoming;
    }

    Traffic outgoing() {
        return outgoing;
    }

    @Nullable
    NicQueue open() {
        return open;
    }

    void opened(NicQueue queue) {
        open = queue;
    }

    void closed() {
        droppedBefore = dropped();
        open = null;
    }

    /** Whether it is open and not stopped. */
    boolean runs() {
        NicQueue queue = open;
        return queue != null && queue.runs();
    }

    long dropped() {
        NicQueue queue = open;
        return droppedBefore + (queue == null ? 0 : queue.dropped());
    }

    /** What it has counted. How many frames found no buffer only the port knows. */
    PortStatistics statistics() {
        return new PortStatistics(
                incoming.frames(), incoming.bytes(), outgoing.frames(), outgoing.bytes(), dropped(), 0);
    }

    Rings rings(PciDeviceContext context) throws DmaException {
        Rings made = rings;
        if (made == null) {
            made = new Rings(context.dma().allocate(ReceiveRing.BYTES), context.dma().allocate(TransmitRing.BYTES));
            rings = made;
        }
        return made;
    }

    /** Returns where a queue has its packets from. */
    QueuePackets packets(
            PciDeviceContext context, NicConfig config, DriverPools pools, Family family, @Nullable PacketPool given)
            throws IOException {
        String user = context.id().address() + " queue " + index;
        if (given == null) {
            OwnPackets packets = own(context, config, pools, family);
            return QueuePackets.own(packets.pool, packets.address, user);
        }
        if (!(given instanceof DriverPool pool)) {
            throw new IllegalArgumentException("only pools of the PacketPools service can be shared");
        }
        return QueuePackets.shared(context.dma(), pool, user);
    }

    private OwnPackets own(PciDeviceContext context, NicConfig config, DriverPools pools, Family family)
            throws DmaException {
        OwnPackets made = own;
        if (made == null) {
            DmaBuffer memory = context.dma().allocate((long) config.packetBuffers() * OWN_BUFFER);
            DriverPool pool =
                    pools.over(memory.memory(), config.packetBuffers(), OWN_BUFFER, family.features(true));
            made = new OwnPackets(pool, memory.address());
            own = made;
        }
        return made;
    }
}
