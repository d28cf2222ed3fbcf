package org.busbar.driver.nic;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.QueueGuard;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Turn;
import org.busbar.driver.support.Waiter;
import org.busbar.net.DescriptorStatus;
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
 * A queue pair, as an application has opened it. Memory that is gone is not touched, see {@link QueueGuard}; while somebody
 * resets the controller nothing passes, see {@link Turn}.
 */
final class NicQueue implements PortQueue {

    private static final Logger LOG = LoggerFactory.getLogger(NicQueue.class);
    private static final Duration DRAIN = Duration.ofSeconds(1);

    private final Queues queues;
    private final QueuePair pair;
    private final DeviceContext context;
    private final QueueGuard guard;
    private final QueuePackets packets;
    private final ReceiveRing receive;
    private final TransmitRing transmit;
    private final InterruptHandler interrupts;
    private final Waiter waiter;
    private final Turn turn = new Turn();
    private volatile boolean running = true;

    NicQueue(
            Queues queues,
            QueuePair pair,
            DeviceContext context,
            QueueGuard guard,
            QueuePackets packets,
            ReceiveRing receive,
            TransmitRing transmit,
            InterruptHandler interrupts,
            Waiting waiting) {
        this.queues = queues;
        this.pair = pair;
        this.context = context;
        this.guard = guard;
        this.packets = packets;
        this.receive = receive;
        this.transmit = transmit;
        this.interrupts = interrupts;
        waiter = new Waiter(new Arrivals(), interrupts.received(pair.index()), waiting, interrupts.present());
        packets.emptiedBy(this::empty);
    }

    // --- for the owner

    @Override
    public int index() {
        return pair.index();
    }

    @Override
    public @Nullable Packet allocate() {
        guard.pass();
        if (!turn.enter()) {
            return null;
        }
        try {
            DriverPacket packet = packets.cache().take(PacketOwner.CALLER);
            if (packet == null) {
                transmit.reclaim();
                packet = packets.cache().take(PacketOwner.CALLER);
            }
            return packet;
        } catch (IllegalStateException e) {
            throw guard.lost(e);
        } finally {
            turn.leave();
        }
    }

    @Override
    public int receive(@Nullable Packet[] into) {
        if (!begin()) {
            return 0;
        }
        try {
            int taken = receive.receive(into);
            if (guard.did(taken)) {
                receive.check();
            }
            return taken;
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        } finally {
            turn.leave();
        }
    }

    @Override
    public int transmit(@Nullable Packet[] from, int first, int count) {
        Objects.checkFromIndexSize(first, count, from.length);
        if (!begin()) {
            return 0;
        }
        try {
            int accepted = transmit.transmit(from, first, count);
            if (guard.did(accepted)) {
                transmit.check();
            }
            return accepted;
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        } finally {
            turn.leave();
        }
    }

    private boolean begin() {
        return guard.pass() && running && turn.enter();
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

    @Override
    public DescriptorStatus receiveStatus(int offset) {
        guard.pass();
        try {
            return receive.status(offset);
        } catch (IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    @Override
    public DescriptorStatus transmitStatus(int offset) {
        guard.pass();
        try {
            return transmit.status(offset);
        } catch (IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    @Override
    public void stop() throws IOException {
        guard.pass();
        if (!running) {
            return;
        }
        try {
            queues.stop(this);
            empty();
        } catch (DeviceTimeoutException e) {
            throw new IOException(queues.name() + ": the queue does not stop: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the queue was stopping", e);
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    @Override
    public void start() {
        guard.pass();
        if (running) {
            return;
        }
        try {
            queues.start(this);
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
                queues.stop(this);
                packets.detach();
            }
        } catch (DeviceGoneException | IllegalStateException e) {
            LOG.debug("{}: closed after the device has gone", queues.name(), e);
        } catch (DeviceTimeoutException e) {
            LOG.warn("{}: {}; packets that the device may still reach come back when it is given up", queues.name(),
                    e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            guard.leave();
            queues.closed(pair, this);
        }
    }

    private void drain() {
        try {
            if (running && queues.linkUp()) {
                context.await("frames to be sent", this::allSent, Deadline.after(DRAIN));
            }
        } catch (DeviceTimeoutException e) {
            LOG.warn("{}: closed with frames not sent: {}", queues.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean allSent() {
        if (!turn.enter()) {
            return false;
        }
        try {
            transmit.reclaim();
            return transmit.isEmpty();
        } finally {
            turn.leave();
        }
    }

    // --- for the port, with the owner kept out or being the one that calls

    DriverPool pool() {
        return packets.pool();
    }

    Turn turn() {
        return turn;
    }

    /** Whether it has not been stopped. */
    boolean runs() {
        return running;
    }

    void running(boolean on) {
        running = on;
    }

    long dropped() {
        return receive.dropped();
    }

    /** Tells the controller of the rings. */
    void setUp() {
        receive.setUp();
        transmit.setUp();
    }

    /** Lets the controller have buffers. */
    void post() {
        receive.post();
    }

    /** Tells the controller that the rings have nothing for it. */
    void silence() {
        receive.silence();
        transmit.silence();
    }

    /** Gives back all packets in the rings. */
    void empty() {
        receive.abandon();
        transmit.abandon();
    }

    /** The receive ring, for whoever waits. */
    private final class Arrivals implements Waiter.Source {

        @Override
        public boolean ready() {
            if (!running || !turn.enter()) {
                return false;
            }
            try {
                return receive.hasFrame();
            } finally {
                turn.leave();
            }
        }

        @Override
        public void post() {
            if (running && turn.enter()) {
                try {
                    receive.post();
                } finally {
                    turn.leave();
                }
            }
        }

        @Override
        public void arm() {
            if (turn.enter()) {
                try {
                    interrupts.arm(pair.index());
                } finally {
                    turn.leave();
                }
            }
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
            if (guard.checkHealth() && running && turn.enter()) {
                try {
                    receive.check();
                    transmit.check();
                } finally {
                    turn.leave();
                }
            }
        }
    }
}
