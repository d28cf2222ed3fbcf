package org.busbar.port.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open queues of a port, by number, and how they get to queues of a driver. Thread-safe. */
final class QueueSlots {

    private static final Logger LOG = LoggerFactory.getLogger(QueueSlots.class);

    private final DurablePort port;
    private final OwnPools pools;
    private final Map<Integer, DurableQueue> open = new ConcurrentSkipListMap<>();
    private final Map<DurableQueue, PacketPool> owned = new ConcurrentHashMap<>();
    /** Why a queue reaches no queue of the card that is there, by its number. */
    private final Map<Integer, String> lacking = new ConcurrentSkipListMap<>();

    QueueSlots(DurablePort port, OwnPools pools) {
        this.port = port;
        this.pools = pools;
    }

    boolean any() {
        return !open.isEmpty();
    }

    /** Returns why queues reach none of the driver, by number. */
    Map<Integer, String> lacking() {
        return lacking;
    }

    /** Opens one, whether there is a driver or not. */
    PortQueue open(PortQueueOptions asked) throws IOException {
        PacketPool given = asked.pool();
        PacketPool pool = given == null ? pools.make(port.traits()) : given;
        DurableQueue queue = null;
        boolean opened = false;
        try {
            queue = add(asked.withPool(pool), pool);
            if (given == null) {
                owned.put(queue, pool);
            }
            port.requireKept(); // it may have been given up before it knew of the queue
            attachNow(queue, port.cardNow());
            opened = true;
            return queue;
        } finally {
            if (!opened && queue != null) {
                queue.close();
            } else if (!opened && given == null) {
                pools.retire(pool);
            }
        }
    }

    private DurableQueue add(PortQueueOptions options, PacketPool pool) throws IOException {
        int most = port.traits().queues();
        for (int index = 0; index < most; index++) {
            DurableQueue queue = new DurableQueue(port, index, options, pool);
            if (open.putIfAbsent(index, queue) == null) {
                return queue;
            }
        }
        throw new IOException(port.name() + " has " + most + " queue pair" + (most == 1 ? "" : "s")
                + ", and all are open already; close one first");
    }

    private void attachNow(DurableQueue queue, @Nullable Card card) throws IOException {
        if (card == null) {
            return;
        }
        try {
            port.asking().ask(card, () -> {
                attach(queue, card);
                return queue;
            });
        } catch (DeviceGoneException e) {
            LOG.debug("{}: its card went while a queue was being opened; the next one gets it", port.name(), e);
        }
    }

    // --- on the card's lane

    /** Opens a driver's queue for each that is open, in the order of their numbers. */
    void attachAll(Card card) {
        lacking.clear();
        for (DurableQueue queue : open.values()) {
            try {
                attach(queue, card);
            } catch (DeviceGoneException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                // Of this queue's alone: its pool may have been closed meanwhile, or not suit the card.
                LOG.warn("{}: queue {} reaches no queue of {}", port.name(), queue.index(), card, e);
                lacking.put(queue.index(), String.valueOf(e.getMessage()));
                if (isDefect(e)) {
                    card.report("while a queue was opened", e);
                }
            }
        }
    }

    /** Whether the driver alone is to blame: not what was asked for, nor a pool that was closed. */
    private static boolean isDefect(Exception e) {
        boolean perhapsNot = e instanceof IllegalArgumentException || e instanceof IllegalStateException
                || e instanceof UnsupportedOperationException;
        return e instanceof RuntimeException && !perhapsNot;
    }

    private void attach(DurableQueue queue, Card card) throws IOException {
        if (card.isLeaving() || queue.knows(card)) {
            return;
        }
        queue.offer(openAt(card, queue.index(), queue.options()));
        port.changes().signal();
        if (card.isLeaving()) {
            queue.withdraw(card);
        }
    }

    /**
     * Opens the queue of a number, so that a choice of queues means the same as before. Drivers open the first that is free: those
     * before it are opened as well, and closed again. If it is not to be had, another one is as good.
     */
    private static Attachment openAt(Card card, int index, PortQueueOptions options) throws IOException {
        List<Attachment> opened = new ArrayList<>();
        Attachment wanted = null;
        try {
            while (opened.isEmpty() || opened.getLast().queue().index() < index) {
                opened.add(new Attachment(card, card.port().openQueue(options)));
            }
            wanted = opened.getLast();
        } catch (IOException e) {
            if (opened.isEmpty()) {
                throw e;
            }
            LOG.debug("{} has no queue {}", card, index, e);
            wanted = opened.getLast();
        } finally {
            // All of them if something else was thrown.
            opened.remove(wanted);
            opened.forEach(Attachment::close);
        }
        return wanted;
    }

    // --- on any thread

    /** A card has gone. */
    void withdraw(Card card) {
        lacking.clear();
        open.values().forEach(queue -> queue.withdraw(card));
    }

    /** The port is given up. */
    void giveUp() {
        open.values().forEach(DurableQueue::giveUp);
    }

    /** The owner has closed one. */
    void closed(DurableQueue queue) {
        PacketPool own = owned.remove(queue);
        if (own != null) {
            pools.retire(own);
        }
        if (open.remove(queue.index(), queue) && open.isEmpty()) {
            port.unused();
        }
    }
}
