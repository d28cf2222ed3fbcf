package org.busbar.driver.virtionet;

import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.jspecify.annotations.Nullable;

/**
 * A receive and a transmit virtqueue. They exist as long as the binding, because a device learns of its virtqueues only
 * once; the packets come with the first application that opens them. Guarded by the port.
 */
final class QueuePair {

    private final int index;
    private final Ring receiveRing;
    private final Ring transmitRing;
    private final Doorbell receiveBell;
    private final Doorbell transmitBell;
    private final Signal received = new Signal();
    private final Traffic incoming = new Traffic();
    private final Traffic outgoing = new Traffic();
    private @Nullable Equipment equipment;
    private boolean open;

    /** What moves packets. */
    record Equipment(PacketPool pool, Receiver receiver, Transmitter transmitter) {}

    QueuePair(int index, Ring receiveRing, Doorbell receiveBell, Ring transmitRing, Doorbell transmitBell) {
        this.index = index;
        this.receiveRing = receiveRing;
        this.receiveBell = receiveBell;
        this.transmitRing = transmitRing;
        this.transmitBell = transmitBell;
    }

    int index() {
        return index;
    }

    boolean isOpen() {
        return open;
    }

    void open(boolean now) {
        open = now;
    }

    /** Raised when the device has received something. */
    Signal received() {
        return received;
    }

    Traffic incoming() {
        return incoming;
    }

    Traffic outgoing() {
        return outgoing;
    }

    /** Frames that could not be used. */
    long errors() {
        return equipment == null ? 0 : equipment.receiver().errors();
    }

    Equipment equip(Dma dma, VirtioNetConfig config, Features features) throws DmaException {
        if (equipment == null) {
            int bytes = config.bufferBytes() & -VirtioPacket.HEADROOM;
            DmaBuffer memory = dma.allocate((long) config.packetBuffers() * bytes);
            PacketPool pool = new PacketPool(memory, bytes, config.packetBuffers(), features);
            equipment = new Equipment(
                    pool,
                    new Receiver(
                            receiveRing,
                            receiveBell,
                            pool,
                            incoming,
                            features,
                            config.packetBuffers() / 2),
                    new Transmitter(transmitRing, transmitBell, pool, outgoing));
        }
        return equipment;
    }

    /** What the device did wrong, if anything. */
    @Nullable
    String fault() {
        String fault = receiveRing.fault();
        return fault != null ? fault : transmitRing.fault();
    }

    /** Whether all frames have been sent. Any thread. */
    boolean settled() {
        return transmitRing.settled();
    }
}
