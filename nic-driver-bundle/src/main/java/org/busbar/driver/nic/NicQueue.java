package org.busbar.driver.nic;

import java.time.Duration;
import java.util.Objects;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
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

/** The port's queue pair, as an application has opened it. Memory that is gone is not touched, see {@link QueueGuard}. */
final class NicQueue implements PortQueue {

    private static final Logger LOG = LoggerFactory.getLogger(NicQueue.class);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(1);

    private final NicPort port;
    private final DeviceContext context;
    private final QueueGuard guard;
    private final QueuePackets packets;
    private final ReceiveRing receive;
    private final TransmitRing transmit;
    private final Waiter waiter;

    NicQueue(
            NicPort port,
            DeviceContext context,
            QueueGuard guard,
            QueuePackets packets,
            ReceiveRing receive,
            TransmitRing transmit,
            Waiting waiting) {
        this.port = port;
        this.context = context;
        this.guard = guard;
        this.packets = packets;
        this.receive = receive;
        this.transmit = transmit;
        waiter = new Waiter(new Arrivals(), port.received(), waiting, port.hasInterrupts());
        packets.emptiedBy(() -> {
            receive.abandon();
            transmit.abandon();
        });
    }

    DriverPool pool() {
        return packets.pool();
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
            transmit.reclaim();
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
            int taken = receive.receive(into);
            guard.did(taken);
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
            int accepted = transmit.transmit(from, first, count);
            guard.did(accepted);
            return accepted;
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        }
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

    /** Lets frames that were handed over leave, stops the rings, and gives back the packets in them. */
    @Override
    public void close() {
        try {
            if (guard.close()) {
                drain();
                port.stopRings();
                packets.detach();
            }
        } catch (DeviceGoneException | IllegalStateException e) {
            LOG.debug("{}: closed after the device has gone", port.name(), e);
        } catch (DeviceTimeoutException e) {
            LOG.warn("{}: {}; packets that the device may still reach come back when it is given up", port.name(),
                    e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            guard.leave();
            port.closed(this);
        }
    }

    private void drain() {
        try {
            if (port.link().up()) {
                context.await(
                        "frames to be sent",
                        () -> {
                            transmit.reclaim();
                            return transmit.isEmpty();
                        },
                        Deadline.after(CLOSE_DEADLINE));
            }
        } catch (DeviceTimeoutException e) {
            LOG.warn("{}: closed with frames not sent: {}", port.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The receive ring, for whoever waits. */
    private final class Arrivals implements Waiter.Source {

        @Override
        public boolean ready() {
            return receive.hasFrame();
        }

        @Override
        public void post() {
            receive.post();
        }

        @Override
        public void arm() {
            port.armReceive();
        }

        /** The interrupt masks itself when it comes. */
        @Override
        public void silence() {}

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
