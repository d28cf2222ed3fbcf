package org.busbar.driver.virtionet;

import java.time.Duration;
import java.util.Objects;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.Health;
import org.busbar.driver.support.QueueGuard;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Waiter;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions.Waiting;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketOwner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue pair, as an application has opened it. Memory that is gone is not touched, see {@link QueueGuard}. A device that
 * breaks the rules is reported, and nothing passes until it has been reset.
 */
final class VirtioQueue implements PortQueue {

    private static final Logger LOG = LoggerFactory.getLogger(VirtioQueue.class);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(1);

    private final VirtioPort port;
    private final DeviceContext context;
    private final QueueGuard guard;
    private final Health health;
    private final QueuePair pair;
    private final QueuePackets packets;
    private final Receiver receiver;
    private final Transmitter transmitter;
    private final Waiter waiter;
    private boolean closed;

    VirtioQueue(
            VirtioPort port,
            DeviceContext context,
            QueueGuard guard,
            Health health,
            QueuePair pair,
            QueuePair.Equipment equipment,
            Waiting waiting) {
        this.port = port;
        this.context = context;
        this.guard = guard;
        this.health = health;
        this.pair = pair;
        packets = equipment.packets();
        receiver = equipment.receiver();
        transmitter = equipment.transmitter();
        waiter = new Waiter(new Arrivals(), pair.received(), waiting, port.hasInterrupts());
    }

    QueuePair pair() {
        return pair;
    }

    DriverPool pool() {
        return packets.pool();
    }

    @Override
    public int index() {
        return pair.index();
    }

    @Override
    public @Nullable Packet allocate() {
        guard.pass();
        DriverPacket packet = packets.cache().take(PacketOwner.CALLER);
        if (packet == null) {
            reclaim();
            packet = packets.cache().take(PacketOwner.CALLER);
        }
        return packet;
    }

    private void reclaim() {
        try {
            transmitter.reclaim();
        } catch (IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    @Override
    public int receive(@Nullable Packet[] into) {
        if (!guard.pass()) {
            return 0;
        }
        try {
            int taken = receiver.receive(into);
            did(taken);
            return taken;
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    @Override
    public int transmit(@Nullable Packet[] from, int first, int count) {
        Objects.checkFromIndexSize(first, count, from.length);
        if (!guard.pass()) {
            return 0;
        }
        try {
            int accepted = transmitter.transmit(from, first, count);
            did(accepted);
            return accepted;
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    private void did(int frames) {
        String fault = fault();
        if (fault != null) {
            health.fail(fault);
        }
        guard.did(frames);
    }

    private @Nullable String fault() {
        String fault = receiver.fault();
        if (fault != null) {
            return "receive queue " + pair.index() + ": " + fault;
        }
        fault = transmitter.fault();
        return fault == null ? null : "transmit queue " + pair.index() + ": " + fault;
    }

    @Override
    public boolean awaitReceive(Deadline deadline) throws InterruptedException {
        guard.pass();
        try {
            return waiter.await(deadline);
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    /** Lets frames that were handed over leave, and takes the virtqueues away from the device if that can be done. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean leaves = true;
        boolean reusable = true;
        try {
            if (guard.close()) {
                drain();
                leaves = port.stop(pair);
                if (leaves) {
                    packets.detach();
                }
            }
        } catch (DeviceGoneException | IllegalStateException e) {
            LOG.debug("{}: closed after the device has gone", port.name(), e);
        } catch (DeviceTimeoutException e) {
            reusable = false;
            health.fail("queue pair " + pair.index() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            reusable = false;
            Thread.currentThread().interrupt();
        } finally {
            if (leaves) {
                guard.leave();
            }
            if (reusable) {
                port.closed(this);
            }
        }
    }

    private void drain() {
        try {
            if (port.link().up()) {
                context.await(
                        "frames to be sent",
                        () -> {
                            transmitter.reclaim();
                            return transmitter.isEmpty() || fault() != null;
                        },
                        Deadline.after(CLOSE_DEADLINE));
            }
        } catch (DeviceTimeoutException e) {
            LOG.warn("{}: closed with frames not sent: {}", port.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The receive virtqueue, for whoever waits. */
    private final class Arrivals implements Waiter.Source {

        @Override
        public boolean ready() {
            return receiver.hasFrame();
        }

        @Override
        public void post() {
            receiver.post();
        }

        @Override
        public void arm() {
            receiver.arm();
        }

        @Override
        public void silence() {
            receiver.silence();
        }

        @Override
        public void requirePresent() {
            guard.pass();
        }

        @Override
        public void checkHealth() {
            guard.checkHealth();
        }
    }
}
