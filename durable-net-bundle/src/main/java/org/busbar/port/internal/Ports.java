package org.busbar.port.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.busbar.device.Publication;
import org.busbar.net.NetworkPort;
import org.busbar.port.Port;
import org.busbar.port.PortState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All ports, by identity. A card whose port there is not yet makes one. What it is told of is done on one thread, in that order.
 */
final class Ports implements CardSet.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(Ports.class);

    /** How long a driver that leaves may take to tell what it has counted. */
    private static final long LAST_LOOK_MILLIS = 200;

    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Makes services of ports. */
    @FunctionalInterface
    interface Registry {
        Publication publish(Port port, Map<String, Object> properties);
    }

    private final Works works;
    private final OwnPools pools;
    private final Registry registry;
    private volatile Duration hold;
    private volatile boolean closed;
    // On the thread of the changes.
    private final Map<String, DurablePort> ports = new HashMap<>();
    private final Map<DurablePort, Publication> services = new HashMap<>();
    private final Map<Card, DurablePort> cards = new HashMap<>();
    private boolean looking;

    Ports(Works works, OwnPools pools, Registry registry, Duration hold) {
        this.works = works;
        this.pools = pools;
        this.registry = registry;
        this.hold = hold;
    }

    // On any thread.

    /** Has ports be absent after so long, if they begin to be held from now on. */
    void hold(Duration changed) {
        hold = changed;
        works.changes().execute(() -> services.forEach((port, service) -> service.update(properties(port))));
    }

    @Override
    public Duration hold() {
        return hold;
    }

    /**
     * Returns a card to {@link #come}.
     *
     * @param supervisor is told if its driver does not do what it should
     */
    Card card(NetworkPort port, String identity, String place, Consumer<String> supervisor) {
        return new Card(port, identity, place, works.tasks(), supervisor);
    }

    /** A card has a driver. */
    void come(Card card) {
        works.changes().execute(() -> add(card));
    }

    /** A card or its driver goes. When this returns nothing new is asked of it but by queues that have it already. */
    void go(Card card) {
        card.leave(works.nanoTime());
        works.changes().execute(() -> remove(card));
    }

    /** Takes down what a card has counted, as long as it is there to be asked. */
    void lastLook(Card card) {
        if (closed) {
            return; // its port is given up, and what is to be done may be forgotten by now
        }
        CountDownLatch looked = new CountDownLatch(1);
        works.changes().execute(() -> {
            DurablePort port = cards.get(card);
            if (port == null || card.isRefused()) {
                looked.countDown();
                return;
            }
            works.tasks().execute(() -> {
                try {
                    port.totals().look(card);
                } catch (RuntimeException | Error defect) {
                    card.report("when it was asked what it has counted", defect);
                } finally {
                    looked.countDown();
                }
            });
        });
        try {
            if (!looked.await(LAST_LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.warn("{}: the driver has not told in {} ms what it has counted", card, LAST_LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives all ports up. */
    void close() {
        closed = true;
        works.changes()
                .execute(() -> List.copyOf(ports.values()).forEach(port -> drop(port).forEach(cards::remove)));
    }

    // On the thread of the changes.

    private void add(Card card) {
        if (closed || card.isLeaving()) {
            return;
        }
        DurablePort port = ports.get(card.identity());
        if (port != null) {
            cards.put(card, port);
            Optional<String> _ = port.cardSet().come(card);
            return;
        }
        DurablePort made = new DurablePort(card, pools, works, this);
        if (made.cardSet().come(card).isEmpty()) {
            ports.put(card.identity(), made);
            cards.put(card, made);
            services.put(made, registry.publish(made, properties(made)));
            look();
        }
    }

    private void remove(Card card) {
        DurablePort port = cards.remove(card);
        if (port != null) {
            port.cardSet().go(card);
        }
    }

    /** Asks drivers now and then what they have counted: one whose card is pulled cannot tell any more. */
    private void look() {
        if (looking || closed || ports.isEmpty()) {
            return;
        }
        looking = true;
        works.later(() -> {
            looking = false;
            ports.values().stream().filter(port -> port.slots().any()).forEach(DurablePort::lookLater);
            look();
        }, LOOK_NANOS);
    }

    @Override
    public void changed(DurablePort port) {
        Publication service = services.get(port);
        if (service == null) {
            return;
        }
        if (port.state() == PortState.DROPPED) {
            for (Card card : drop(port)) {
                cards.remove(card);
                // What was refused in favour of the card of this port is another one's.
                card.reconsider();
                come(card);
            }
        } else {
            service.update(properties(port));
        }
    }

    private List<Card> drop(DurablePort port) {
        List<Card> left = new ArrayList<>();
        cards.forEach((card, of) -> {
            if (of == port && !card.isLeaving()) {
                left.add(card);
            }
        });
        ports.remove(port.identity());
        Publication service = services.remove(port);
        port.giveUp();
        if (service != null) {
            service.close();
        }
        return left;
    }

    private Map<String, Object> properties(DurablePort port) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(NetworkPort.MAC, port.identity());
        properties.put(Port.IDENTITY, port.identity());
        properties.put(Port.STATE, port.state().name());
        properties.put(Port.HOLD, hold.toMillis());
        return properties;
    }
}
