package org.busbar.driver.virtionet;

import java.io.IOException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Signal;
import org.busbar.driver.support.Traffic;
import org.busbar.net.PortStatistics;
import org.jspecify.annotations.Nullable;

/**
 * A receive and a transmit virtqueue, which the device has from the start; the packets come with whoever opens them. What
 * lies in the virtqueues when they are closed comes back by a reset of them. Where that cannot be done it stays in, for
 * whoever opens them next. Guarded by the port, but where it says otherwise.
 */
final class QueuePair {

    private final int index;
    private final Signal received = new Signal();
    private final Traffic incoming = new Traffic();
    private final Traffic outgoing = new Traffic();
    private final Virtqueue receive;
    private final Virtqueue transmit;
    private @Nullable Equipment equipment;
    private @Nullable OwnPackets own;
    private @Nullable VirtioQueue open;
    private volatile boolean running = true;
    private long earlierErrors;
    private long earlierCompleted;

    /** What moves packets. */
    record Equipment(QueuePackets packets, Receiver receiver, Transmitter transmitter) {}

    QueuePair(int index, Virtqueue receive, Virtqueue transmit) {
        this.index = index;
        this.receive = receive;
        this.transmit = transmit;
    }

    int index() {
        return index;
    }

    @Nullable
    VirtioQueue open() {
        return open;
    }

    void open(@Nullable VirtioQueue queue) {
        open = queue;
    }

    boolean isOpen() {
        return open != null;
    }

    /** Whether the device has its virtqueues. */
    boolean runs() {
        return running;
    }

    /** Raised when the device has received something. Any thread. */
    Signal received() {
        return received;
    }

    /** Any thread. */
    Traffic incoming() {
        return incoming;
    }

    /** Any thread. */
    Traffic outgoing() {
        return outgoing;
    }

    /** Frames that could not be used. */
    long errors() {
        return earlierErrors + (equipment == null ? 0 : equipment.receiver().errors());
    }

    /** Frames whose checksum the driver has filled in. */
    long completed() {
        return earlierCompleted + (equipment == null ? 0 : equipment.receiver().completed());
    }

    /** What it has counted. How many frames found no buffer the device does not tell. */
    PortStatistics statistics() {
        return new PortStatistics(
                incoming.frames(), incoming.bytes(), outgoing.frames(), outgoing.bytes(), errors(), 0);
    }

    /** The packets that it has if it shares none; null until they are needed. */
    @Nullable
    OwnPackets own() {
        return own;
    }

    void own(OwnPackets made) {
        own = made;
    }

    /** What was left in the virtqueues when they were closed without a reset; null if they are empty. */
    @Nullable
    Equipment equipment() {
        return equipment;
    }

    /** Has empty virtqueues use these packets. */
    Equipment equip(QueuePackets packets, QueueSetup setup, Features features) throws IOException {
        if (!running) {
            start(setup);
        }
        Equipment made = new Equipment(
                packets,
                new Receiver(
                        receive.ring(),
                        receive.doorbell(),
                        packets,
                        incoming,
                        features,
                        Math.max(1, packets.pool().size() / 2)),
                new Transmitter(transmit.ring(), transmit.doorbell(), packets, outgoing, features));
        packets.emptiedBy(() -> {
            made.receiver().abandon();
            made.transmitter().abandon();
        });
        equipment = made;
        return made;
    }

    /** Gives the device its virtqueues again, which are empty. */
    void start(QueueSetup setup) throws IOException {
        setup.again(receive);
        setup.again(transmit);
        running = true;
    }

    /** Takes the virtqueues away from the device, with what lies in them. */
    void stop(QueueSetup setup) throws DeviceTimeoutException, InterruptedException {
        if (running) {
            running = false;
            setup.reset(receive);
            setup.reset(transmit);
        }
    }

    /** Forgets what moved packets. */
    void unequip() {
        earlierErrors = errors();
        earlierCompleted = completed();
        equipment = null;
    }

    /** Takes back what lies in the virtqueues, which the device does not have any more. */
    void empty() {
        Equipment with = equipment;
        if (with != null) {
            with.receiver().abandon();
            with.transmitter().abandon();
        }
    }

    /** How often the device was told of buffers for what arrives. Any thread. */
    long receiveNotifications() {
        return receive.doorbell().rings();
    }

    /** How often the device was told of frames. Any thread. */
    long transmitNotifications() {
        return transmit.doorbell().rings();
    }

    /** Whether all frames have been sent. Any thread. */
    boolean settled() {
        return !running || transmit.ring().settled();
    }
}
