package org.busbar.driver.virtionet;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.Health;
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
    private final Turn turn = new Turn();
    private volatile boolean running = true;
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
        if (!turn.enter()) {
            return null;
        }
        try {
            DriverPacket packet = packets.cache().take(PacketOwner.CALLER);
            if (packet == null) {
                transmitter.reclaim();
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
            int taken = receiver.receive(into);
            did(taken);
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
            int accepted = transmitter.transmit(from, first, count);
            did(accepted);
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

    @Override
    public DescriptorStatus receiveStatus(int offset) {
        guard.pass();
        try {
            return receiver.status(offset);
        } catch (IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    @Override
    public DescriptorStatus transmitStatus(int offset) {
        guard.pass();
        try {
            return transmitter.status(offset);
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
            port.requireQueueReset();
            running = false;
            port.spreadAnew();
            port.stop(pair);
            empty();
        } catch (DeviceTimeoutException e) {
            throw new IOException(port.name() + ": the queue does not stop: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the queue was stopping", e);
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    @Override
    public void start() throws IOException {
        guard.pass();
        if (running) {
            return;
        }
        try {
            port.start(pair);
            running = true;
            fill();
            port.spreadAnew();
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
            if (running && port.link().up()) {
                context.await(
                        "frames to be sent",
                        this::allSent,
                        Deadline.after(CLOSE_DEADLINE));
            }
        } catch (DeviceTimeoutException e) {
            LOG.warn("{}: closed with frames not sent: {}", port.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean allSent() {
        if (!turn.enter()) {
            return false;
        }
        try {
            transmitter.reclaim();
            return transmitter.isEmpty() || fault() != null;
        } finally {
            turn.leave();
        }
    }

    // --- for the port, with the owner kept out or being the one that calls

    Turn turn() {
        return turn;
    }

    /** Whether it has not been stopped. */
    boolean runs() {
        return running;
    }

    /** Lets the device have buffers, in empty virtqueues. */
    void fill() {
        if (running) {
            receiver.start();
        }
    }

    private void empty() {
        receiver.abandon();
        transmitter.abandon();
    }

    /** The receive virtqueue, for whoever waits. */
    private final class Arrivals implements Waiter.Source {

        @Override
        public boolean ready() {
            if (!running || !turn.enter()) {
                return false;
            }
            try {
                return receiver.hasFrame();
            } finally {
                turn.leave();
            }
        }

        @Override
        public void post() {
            with(Receiver::post);
        }

        @Override
        public void arm() {
            with(Receiver::arm);
        }

        @Override
        public void silence() {
            with(Receiver::silence);
        }

        private void with(Consumer<Receiver> action) {
            if (running && turn.enter()) {
                try {
                    action.accept(receiver);
                } finally {
                    turn.leave();
                }
            }
        }

        @Override
        public void requirePresent() {
            guard.pass();
        }

        @Override
        public void checkHealth() {
            if (turn.enter()) {
                try {
                    guard.checkHealth();
                } finally {
                    turn.leave();
                }
            }
        }
    }
}
