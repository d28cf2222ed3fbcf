package org.busbar.driver.virtionet;

import java.io.IOException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Signal;
import org.busbar.driver.support.Traffic;
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
    private Virtqueue receive;
    private volatile Virtqueue transmit;
    private @Nullable Equipment equipment;
    private @Nullable OwnPackets own;
    private boolean open;
    private volatile boolean running = true;
    private long earlierErrors;

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

    boolean isOpen() {
        return open;
    }

    void open(boolean now) {
        open = now;
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
            receive = setup.again(receive);
            transmit = setup.again(transmit);
            running = true;
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

    /** Takes the virtqueues away from the device, with what lies in them. */
    void stop(QueueSetup setup) throws DeviceTimeoutException, InterruptedException {
        earlierErrors = errors();
        equipment = null;
        running = false;
        setup.reset(receive);
        setup.reset(transmit);
    }

    /** Whether all frames have been sent. Any thread. */
    boolean settled() {
        return !running || transmit.ring().settled();
    }
}
