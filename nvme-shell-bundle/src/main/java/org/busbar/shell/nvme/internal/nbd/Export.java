package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A device that clients can connect to. Thread-safe. */
final class Export implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Export.class);
    private static final long PAUSE_MILLIS = 500;

    private final Offer offer;
    private final Place place;
    private final ServerSocketChannel listener;
    private final Statistics statistics = new Statistics();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread acceptor;

    private Export(Offer offer, Place place, ServerSocketChannel listener) {
        this.offer = offer;
        this.place = place;
        this.listener = listener;
        acceptor = Thread.ofPlatform().daemon().name("nbd-" + offer.name()).unstarted(this::accept);
    }

    /** Opens a place to clients. */
    static Export start(Offer offer, Place place) throws IOException {
        ServerSocketChannel listener = place.listen();
        Export export = new Export(offer, place.at(listener), listener);
        export.acceptor.start();
        LOG.info("{} is exported at {}", offer.name(), export.uri());
        return export;
    }

    Offer offer() {
        return offer;
    }

    Statistics statistics() {
        return statistics;
    }

    int connections() {
        return (int) connections.stream().filter(Connection::isAlive).count();
    }

    /** Returns where it is, as NBD clients want it. */
    String uri() {
        return place.uri();
    }

    private void accept() {
        while (closing.getCount() > 0) {
            try {
                serve(listener.accept());
            } catch (AsynchronousCloseException e) {
                return;
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) { // no descriptors left, for example: there may be some later
                LOG.warn("{} cannot take another client: {}", offer.name(), e.getMessage());
                pause();
            }
        }
    }

    private void pause() {
        try {
            if (closing.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.debug("{} is not exported any more", offer.name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(SocketChannel channel) throws IOException {
        connections.removeIf(connection -> !connection.isAlive());
        if (connections.size() >= offer.limits().connections()) {
            LOG.warn("{} has {} clients, and takes no more", offer.name(), connections.size());
            channel.close();
            return;
        }
        Connection connection = new Connection(channel, offer, statistics);
        connection.start();
        connections.add(connection);
    }

    /** Ends the export: what is under way is replied to if that does not take long, then every connection is closed. */
    @Override
    public void close() {
        closing.countDown();
        try {
            listener.close();
            place.remove();
        } catch (IOException e) {
            LOG.warn("The place of {} cannot be closed: {}", offer.name(), e.getMessage());
        }
        try {
            // Once nobody accepts any more all connections are known.
            boolean stopped = acceptor.join(offer.limits().farewell());
            connections.forEach(Connection::end);
            if (!ended() || !stopped) {
                connections.forEach(Connection::abort);
                if (!ended()) {
                    LOG.error("{} connections to {} have not ended", connections(), offer.name());
                }
            }
        } catch (InterruptedException e) {
            connections.forEach(Connection::abort);
            Thread.currentThread().interrupt();
        }
        LOG.info("{} is not exported any more", offer.name());
    }

    private boolean ended() throws InterruptedException {
        Deadline deadline = Deadline.after(offer.limits().farewell());
        boolean ended = true;
        for (Connection connection : connections) {
            ended &= connection.awaitEnd(deadline);
        }
        return ended;
    }
}
