package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client's connection, from its handshake to its end. Its own thread receives; another, once there is data, executes. */
final class Connection {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final Duration EXECUTOR_END = Duration.ofMinutes(3);

    private final Wire wire;
    private final Offer offer;
    private final Statistics statistics;
    private final Inbox inbox = new Inbox();
    private final Thread thread;
    private volatile boolean transmitting;
    private @Nullable BlockQueue queue;
    private @Nullable Memory memory;
    private volatile @Nullable Requests requests;

    Connection(SocketChannel channel, Offer offer, Statistics statistics) throws IOException {
        wire = new Wire(channel);
        this.offer = offer;
        this.statistics = statistics;
        thread = Thread.ofPlatform().daemon().name("nbd-client-" + offer.name()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try (wire) {
            Optional<Handshake.Agreed> agreed = new Handshake(wire, offer).run(this::open);
            if (agreed.isPresent()) {
                transmit(agreed.get().structured());
            }
        } catch (ProtocolException | SlowClientException e) {
            LOG.warn("A client of {} was disconnected: {}", offer.name(), e.getMessage());
        } catch (IOException e) {
            LOG.debug("A client of {} is gone", offer.name(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeQueue();
        }
    }

    /** Gets a queue and memory; what does not fit the device is tried smaller. */
    private void open() throws BlockIOException {
        closeQueue();
        for (int depth = offer.limits().requests(); queue == null; depth /= 2) {
            try {
                queue = offer.device().openQueue(QueueOptions.depth(depth));
            } catch (IllegalArgumentException e) {
                if (depth == 1) {
                    throw e;
                }
            }
        }
        memory = Memory.of(queue, offer);
        requests = new Requests(offer.limits().requests(), memory.view());
    }

    private void transmit(boolean structured) throws IOException, InterruptedException {
        BlockQueue own = queue;
        Memory ownMemory = memory;
        Requests ownRequests = requests;
        if (own == null || ownMemory == null || ownRequests == null) {
            throw new IllegalStateException("no queue");
        }
        Replies replies = new Replies(wire, offer, structured, ownRequests);
        Executor executor = new Executor(own, ownMemory, offer, ownRequests, inbox, replies, statistics);
        Thread executing = Thread.ofPlatform().daemon().name("nbd-io-" + offer.name()).start(() -> execute(executor));
        transmitting = true;
        try {
            new Receiver(wire, offer, ownRequests, inbox).run();
        } finally {
            inbox.close();
            if (!executing.join(EXECUTOR_END)) {
                LOG.error("The requests of a client of {} do not end; its queue is lost", offer.name());
                queue = null;
            }
        }
    }

    /** The executor's thread. However it ends, the receiver ends with it. */
    private void execute(Executor executor) {
        try {
            executor.run();
        } catch (SlowClientException e) {
            LOG.warn("A client of {} was disconnected: {}", offer.name(), e.getMessage());
        } catch (IOException e) {
            LOG.debug("A client of {} is gone", offer.name(), e);
        } catch (DeviceTimeoutException e) {
            LOG.error("{} does not answer: {}", offer.name(), e.getMessage());
        } catch (IllegalStateException e) { // the driver has closed the queue, or its memory
            LOG.info("{} was taken away while a client used it: {}", offer.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeRequests();
            closeWire();
        }
    }

    private void closeRequests() {
        Requests own = requests;
        if (own != null) {
            own.close();
        }
    }

    private void closeQueue() {
        BlockQueue own = queue;
        queue = null;
        if (own != null) {
            own.close();
        }
    }

    private void closeWire() {
        try {
            wire.close();
        } catch (IOException e) {
            LOG.debug("Closing a connection", e);
        }
    }

    /** Asks for the end: what is under way is replied to, nothing else. */
    void end() {
        if (transmitting) {
            inbox.close();
        } else {
            closeWire();
        }
    }

    /** Ends at once. */
    void abort() {
        inbox.abort();
        closeRequests();
        closeWire();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** Waits until nothing of it runs any more; returns whether that is so. */
    boolean awaitEnd(Deadline deadline) throws InterruptedException {
        return thread.join(deadline.remaining());
    }
}
