package org.busbar.driver.support;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
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
 * A queue pair as an application has opened it: two rings, and what guards them. Memory that is gone is not touched, see
 * {@link QueueGuard}; while somebody resets the device nothing passes, see {@link Turn}. What a driver adds is how its device is
 * made to interrupt, to let a pair go and to have it back.
 */
public abstract class RingQueue implements PortQueue {

    private static final Logger LOG = LoggerFactory.getLogger(RingQueue.class);
    private static final Duration DRAIN = Duration.ofSeconds(1);

    private final String port;
    private final DeviceContext context;
    private final QueueGuard guard;
    private final QueuePackets packets;
    private final ReceiveSide receive;
    private final TransmitSide transmit;
    private final Waiter waiter;
    private final Turn turn = new Turn();
    private volatile boolean running = true;

    /**
     * @param port its name
     * @param received raised by the pair's interrupt
     * @param hasInterrupt whether there is one
     */
    protected RingQueue(
            String port,
            DeviceContext context,
            QueueGuard guard,
            QueuePackets packets,
            ReceiveSide receive,
            TransmitSide transmit,
            Signal received,
            boolean hasInterrupt,
            Waiting waiting) {
        this.port = port;
        this.context = context;
        this.guard = guard;
        this.packets = packets;
        this.receive = receive;
        this.transmit = transmit;
        waiter = new Waiter(new Arrivals(), received, waiting, hasInterrupt);
    }

    // --- what a driver adds; called by the owner, and inside of its turn where nothing else is said

    /** Notes that a call has passed so many frames, and has the device looked at now and then if none. */
    protected abstract void did(int frames);

    /** Has the device looked at, and the rings if they run. */
    protected abstract void checkHealth();

    /** Asks for an interrupt at the next frame. */
    protected abstract void arm();

    /** Asks for no interrupts. */
    protected abstract void silence();

    /** Whether frames that were handed over can leave. Outside of the turn. */
    protected abstract boolean linkUp();

    /** Whether there is no point in waiting until more frames have left. */
    protected boolean allSent() {
        return transmit.isEmpty();
    }

    /** Has the device let go of the rings, for {@link #stop}, and says so by {@link #running}. Outside of the turn. */
    protected abstract void release() throws IOException, DeviceTimeoutException, InterruptedException;

    /** Lets the device have the rings again, which are empty, for {@link #start}; as {@link #release}. */
    protected abstract void restore() throws IOException;

    // --- for the owner

    @Override
    public final @Nullable Packet allocate() {
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
    public final int receive(@Nullable Packet[] into) {
        if (!begin()) {
            return 0;
        }
        try {
            int taken = receive.receive(into);
            did(taken);
            return taken;
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        } finally {
            turn.leave();
        }
    }

    @Override
    public final int transmit(@Nullable Packet[] from, int first, int count) {
        Objects.checkFromIndexSize(first, count, from.length);
        if (!begin()) {
            return 0;
        }
        try {
            int accepted = transmit.transmit(from, first, count);
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

    @Override
    public final boolean awaitReceive(Deadline deadline) throws InterruptedException {
        guard.pass();
        try {
            return waiter.await(deadline);
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    @Override
    public final DescriptorStatus receiveStatus(int offset) {
        guard.pass();
        try {
            return receive.status(offset);
        } catch (IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    @Override
    public final DescriptorStatus transmitStatus(int offset) {
        guard.pass();
        try {
            return transmit.status(offset);
        } catch (IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    @Override
    public final void stop() throws IOException {
        guard.pass();
        if (!running) {
            return;
        }
        try {
            release();
            empty();
        } catch (DeviceTimeoutException e) {
            throw new IOException(port + ": the queue does not stop: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the queue was stopping", e);
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    @Override
    public final void start() throws IOException {
        guard.pass();
        if (running) {
            return;
        }
        try {
            restore();
        } catch (DeviceGoneException | IllegalStateException e) {
            throw guard.lost(e);
        }
    }

    // --- for the driver, with the owner kept out or being the one that calls

    /** What keeps the owner out. */
    public final Turn turn() {
        return turn;
    }

    /** Where its packets come from. */
    public final DriverPool pool() {
        return packets.pool();
    }

    /** Whether it has not been stopped. */
    public final boolean runs() {
        return running;
    }

    /** Says whether frames pass. */
    public final void running(boolean on) {
        running = on;
    }

    /** Gives back all packets in the rings. */
    public final void empty() {
        receive.abandon();
        transmit.abandon();
    }

    protected final QueueGuard guard() {
        return guard;
    }

    protected final QueuePackets packets() {
        return packets;
    }

    /** Gives frames that were handed over a second to leave, before the queue is closed. Outside of the turn. */
    protected final void drain() {
        try {
            if (running && linkUp()) {
                context.await("frames to be sent", this::drained, Deadline.after(DRAIN));
            }
        } catch (DeviceTimeoutException e) {
            LOG.warn("{}: closed with frames not sent: {}", port, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean drained() {
        if (!turn.enter()) {
            return false;
        }
        try {
            transmit.reclaim();
            return allSent();
        } finally {
            turn.leave();
        }
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
            if (running && turn.enter()) {
                try {
                    RingQueue.this.arm();
                } finally {
                    turn.leave();
                }
            }
        }

        @Override
        public void silence() {
            if (running && turn.enter()) {
                try {
                    RingQueue.this.silence();
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
                    RingQueue.this.checkHealth();
                } finally {
                    turn.leave();
                }
            }
        }
    }
}
