package org.busbar.driver.virtionet;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.virtionet.VirtioPacket.Owner;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue pair, as an application has opened it. Whatever happens to the device, each call either does its work or throws
 * {@link DeviceGoneException}, and memory that is gone is not touched. A device that breaks the rules is reported, and
 * nothing passes until it has been reset.
 */
final class VirtioQueue implements PortQueue {

    private static final Logger LOG = LoggerFactory.getLogger(VirtioQueue.class);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(1);
    /** Calls that find nothing before the device's health is looked at: a few milliseconds of a busy thread. */
    private static final int IDLE_CALLS_BETWEEN_CHECKS = 1 << 14;

    private final VirtioPort port;
    private final DeviceContext context;
    private final Gate gate;
    private final Health health;
    private final QueuePair pair;
    private final PacketPool pool;
    private final Receiver receiver;
    private final Transmitter transmitter;
    private int idleCalls;
    private boolean closed;

    VirtioQueue(
            VirtioPort port,
            DeviceContext context,
            Gate gate,
            Health health,
            QueuePair pair,
            QueuePair.Equipment equipment) {
        this.port = port;
        this.context = context;
        this.gate = gate;
        this.health = health;
        this.pair = pair;
        pool = equipment.pool();
        receiver = equipment.receiver();
        transmitter = equipment.transmitter();
    }

    QueuePair pair() {
        return pair;
    }

    PacketPool pool() {
        return pool;
    }

    @Override
    public @Nullable Packet allocate() {
        pass();
        VirtioPacket packet = pool.take(Owner.CALLER);
        if (packet == null) {
            reclaim();
            packet = pool.take(Owner.CALLER);
        }
        return packet;
    }

    @Override
    public int receive(@Nullable Packet[] into) {
        if (!pass()) {
            return 0;
        }
        try {
            int taken = receiver.receive(into);
            checkHealth(taken);
            return taken;
        } catch (DeviceGoneException | IllegalStateException e) {
            throw abandoned(e);
        }
    }

    @Override
    public int transmit(@Nullable Packet[] from, int first, int count) {
        Objects.checkFromIndexSize(first, count, from.length);
        if (!pass()) {
            return 0;
        }
        try {
            int accepted = transmitter.transmit(from, first, count);
            checkHealth(accepted);
            return accepted;
        } catch (DeviceGoneException | IllegalStateException e) {
            throw abandoned(e);
        }
    }

    @Override
    public boolean awaitReceive(Deadline deadline) throws InterruptedException {
        while (true) {
            pass();
            try {
                if (receiver.hasFrame()) {
                    receiver.silence();
                    return true;
                }
                receiver.arm();
                if (receiver.hasFrame()) {
                    receiver.silence();
                    return true;
                }
            } catch (DeviceGoneException | IllegalStateException e) {
                throw abandoned(e);
            }
            long left = deadline.remainingNanos();
            if (left <= 0) {
                return false;
            }
            pair.received().await(Math.min(left, patience()));
            health.check();
        }
    }

    /** The longest that a waiter relies on the interrupt alone before it looks for itself. */
    private long patience() {
        return port.hasInterrupts() ? TimeUnit.MILLISECONDS.toNanos(50) : TimeUnit.MICROSECONDS.toNanos(50);
    }

    /** Lets frames that were handed over leave. The ring stays, and with it buffers, for whoever opens the pair next. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (!gate.isGone() && port.link().up()) {
                context.await(
                        "frames to be sent",
                        () -> {
                            transmitter.reclaim();
                            return transmitter.isEmpty() || pair.fault() != null;
                        },
                        Deadline.after(CLOSE_DEADLINE));
            }
        } catch (DeviceGoneException | IllegalStateException e) {
            LOG.debug("{}: closed after the device has gone", port.name(), e);
        } catch (DeviceTimeoutException e) {
            LOG.warn("{}: closed with frames not sent: {}", port.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (gate.isGone()) {
                abandon();
            }
            port.closed(this);
        }
    }

    /** Whether frames pass; fails if the queue is closed or the device gone. */
    private boolean pass() {
        if (closed) {
            throw new IllegalStateException("the queue of " + port.name() + " is closed");
        }
        try {
            return gate.pass();
        } catch (DeviceGoneException e) {
            abandon();
            throw e;
        }
    }

    private void reclaim() {
        try {
            transmitter.reclaim();
        } catch (IllegalStateException e) {
            throw abandoned(e);
        }
    }

    private void checkHealth(int done) {
        String fault = pair.fault();
        if (fault != null) {
            health.fail("queue pair " + pair.index() + ": " + fault);
        }
        if (done == 0 && ++idleCalls >= IDLE_CALLS_BETWEEN_CHECKS) {
            idleCalls = 0;
            health.check();
        }
    }

    private void abandon() {
        receiver.abandon();
        transmitter.abandon();
    }

    /** The memory of the rings goes away only after the gate is shut; anything else is the caller's own mistake. */
    private RuntimeException abandoned(RuntimeException e) {
        if (e instanceof DeviceGoneException) {
            abandon();
            return e;
        }
        if (gate.isGone()) {
            abandon();
            return gate.gone();
        }
        return e;
    }
}
