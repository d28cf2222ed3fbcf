package org.busbar.port.internal;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.DescriptorStatus;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.PacketOwner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue of a port. It uses a driver's queue for as long as that works. Another thread opens the next driver's and offers it;
 * the owner takes it at its next call. So all that a call costs more than the driver's own is to look whether there is an offer.
 */
final class DurableQueue implements PortQueue {

    private static final Logger LOG = LoggerFactory.getLogger(DurableQueue.class);

    private final DurablePort port;
    private final int index;
    private final PortQueueOptions options;
    private final PacketPool pool;
    private final AtomicReference<@Nullable Offer> offer = new AtomicReference<>();
    /** Whom its last offer came from. */
    private volatile @Nullable Card offeredBy;

    // The owner's.
    private @Nullable PortQueue current;
    private @Nullable Attachment attachment;
    private long accepted;
    private boolean stopped;

    /** What other threads have for the owner. */
    private sealed interface Offer {}

    private record Ready(Attachment attachment) implements Offer {}

    /** It is over: it was closed, or its port was given up. */
    private record Over(boolean closed) implements Offer {}

    /** @param options with a pool */
    DurableQueue(DurablePort port, int index, PortQueueOptions options, PacketPool pool) {
        this.port = port;
        this.index = index;
        this.options = options;
        this.pool = pool;
    }

    // --- for other threads

    PortQueueOptions options() {
        return options;
    }

    @Override
    public int index() {
        return index;
    }

    /** Whether a card's queue was offered already. */
    boolean knows(Card card) {
        return offeredBy == card;
    }

    /** Has the owner use a driver's queue from his next call on. */
    void offer(Attachment next) {
        offeredBy = next.card();
        Offer ready = new Ready(next);
        @Nullable
        Offer before = offer.get();
        while (!(before instanceof Over) && !offer.compareAndSet(before, ready)) {
            before = offer.get();
        }
        if (before instanceof Over) {
            next.close();
        } else {
            closeUnused(before);
        }
    }

    /** A card has gone: what it offered, and the owner has not taken, is closed. */
    void withdraw(Card card) {
        @Nullable
        Offer before = offer.get();
        if (before instanceof Ready ready && ready.attachment().card() == card && offer.compareAndSet(before, null)) {
            closeUnused(before);
        }
        if (offeredBy == card) {
            offeredBy = null;
        }
    }

    /** The port is given up. */
    void giveUp() {
        end(false);
    }

    private void end(boolean closed) {
        @Nullable
        Offer before = offer.get();
        while (!(before instanceof Over) && !offer.compareAndSet(before, new Over(closed))) {
            before = offer.get();
        }
        closeUnused(before);
    }

    private static void closeUnused(@Nullable Offer before) {
        if (before instanceof Ready(Attachment unused)) {
            unused.close();
        }
    }

    // --- for the owner

    /** Returns the driver's queue; null if there is none. */
    private @Nullable PortQueue queue() {
        @Nullable
        Offer now = offer.get();
        if (now != null) {
            take(now);
        }
        return current;
    }

    private void take(Offer now) {
        switch (now) {
            case Over(boolean closed) -> {
                leave();
                if (closed) {
                    throw new IllegalStateException("the queue of " + port.name() + " is closed");
                }
                throw port.givenUp();
            }
            case Ready(Attachment next) -> {
                if (offer.compareAndSet(now, null)) {
                    leave();
                    begin(next);
                }
            }
        }
    }

    private void begin(Attachment next) {
        port.past().attached(next.card().handed());
        attachment = next;
        current = next.queue();
        if (stopped) {
            try {
                next.queue().stop();
            } catch (IOException | UnsupportedOperationException e) {
                LOG.warn("{}: queue {} does not stop any more: {}", port.name(), index, e.getMessage());
            } catch (DeviceGoneException _) {
                leave();
            }
        }
    }

    /** Is done with the driver's queue, which has failed or is not wanted any more. */
    private void leave() {
        Attachment done = attachment;
        attachment = null;
        current = null;
        if (done != null) {
            long frames = accepted;
            accepted = 0;
            done.close();
            port.past().detached(done.card().handed(), frames);
        }
    }

    @Override
    public @Nullable Packet allocate() {
        PortQueue queue = queue();
        if (queue != null) {
            try {
                return queue.allocate();
            } catch (DeviceGoneException _) {
                leave();
            } catch (RuntimeException e) {
                fault(e);
            }
        }
        return pool.allocate();
    }

    @Override
    public int receive(@Nullable Packet[] into) {
        Objects.requireNonNull(into);
        PortQueue queue = queue();
        if (queue != null) {
            try {
                return queue.receive(into);
            } catch (DeviceGoneException _) {
                leave();
            } catch (RuntimeException e) {
                fault(e);
            }
        }
        return 0;
    }

    @Override
    public int transmit(@Nullable Packet[] from, int first, int count) {
        PortQueue queue = queue();
        if (queue != null) {
            try {
                int taken = queue.transmit(from, first, count);
                accepted += taken;
                return taken;
            } catch (DeviceGoneException _) {
                leave();
            } catch (RuntimeException e) {
                int taken = taken(from, first, count);
                accepted += taken;
                fault(e);
                return taken + drop(from, first + taken, count - taken);
            }
        }
        return drop(from, first, count);
    }

    /** How many packets a driver had taken before it threw: they come back when its device cannot reach them. */
    private static int taken(@Nullable Packet[] from, int first, int count) {
        int taken = 0;
        while (taken < count && from[first + taken] instanceof DriverPacket packet
                && packet.owner() != PacketOwner.CALLER) {
            taken++;
        }
        return taken;
    }

    /** The driver has thrown: it is done with, unless what the caller wants is to blame. */
    private void fault(RuntimeException thrown) {
        if (thrown instanceof IllegalArgumentException || thrown instanceof IndexOutOfBoundsException
                || thrown instanceof UnsupportedOperationException) {
            throw thrown;
        }
        Attachment failed = attachment;
        if (failed != null) {
            failed.card().report("from a call of its queue", thrown);
        }
        leave();
    }

    /** There is no driver: the frames are lost, their packets are not. */
    private int drop(@Nullable Packet[] from, int first, int count) {
        Objects.checkFromIndexSize(first, count, from.length);
        int dropped = 0;
        while (!stopped && dropped < count && release(from[first + dropped])) {
            dropped++;
        }
        if (dropped > 0) {
            port.past().dropped(dropped);
        } else if (!stopped && count > 0) {
            throw new IllegalArgumentException(
                    "the packet is not of the pool of this queue of " + port.name() + ", or not the caller's any more");
        }
        return dropped;
    }

    private boolean release(@Nullable Packet packet) {
        if (packet instanceof DriverPacket known && known.owner() == PacketOwner.CALLER
                && known.pool().equals(pool)) {
            packet.release();
            return true;
        }
        return false;
    }

    @Override
    public boolean awaitReceive(Deadline deadline) throws InterruptedException {
        while (true) {
            long seen = port.changes().count();
            PortQueue queue = queue();
            if (queue != null) {
                try {
                    return queue.awaitReceive(deadline);
                } catch (DeviceGoneException _) {
                    leave();
                } catch (RuntimeException e) {
                    fault(e);
                }
            }
            long left = deadline.remainingNanos();
            if (left <= 0) {
                return false;
            }
            port.changes().await(seen, left);
        }
    }

    @Override
    public void stop() throws IOException {
        PortQueue queue = queue();
        requireRestart();
        if (queue != null) {
            try {
                queue.stop();
            } catch (DeviceGoneException _) {
                leave();
            }
        }
        stopped = true;
    }

    @Override
    public void start() throws IOException {
        PortQueue queue = queue();
        requireRestart();
        if (queue != null) {
            try {
                queue.start();
            } catch (DeviceGoneException _) {
                leave();
            }
        }
        stopped = false;
    }

    private void requireRestart() {
        if (!port.features().contains(PortFeature.QUEUE_RESTART)) {
            throw new UnsupportedOperationException(port.name() + " lacks " + PortFeature.QUEUE_RESTART);
        }
    }

    @Override
    public DescriptorStatus receiveStatus(int offset) {
        PortQueue queue = queue();
        if (queue != null) {
            try {
                return queue.receiveStatus(offset);
            } catch (DeviceGoneException _) {
                leave();
            }
        }
        return DescriptorStatus.UNUSED;
    }

    @Override
    public DescriptorStatus transmitStatus(int offset) {
        PortQueue queue = queue();
        if (queue != null) {
            try {
                return queue.transmitStatus(offset);
            } catch (DeviceGoneException _) {
                leave();
            }
        }
        return DescriptorStatus.UNUSED;
    }

    @Override
    public void close() {
        end(true);
        leave();
        port.slots().closed(this);
    }
}
