package org.busbar.port.internal;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.LinkState;
import org.busbar.net.NetworkPort.LinkListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of the link, one change after the other, over all drivers. What they are told is looked up. A driver is asked on
 * its card's lane: one that hangs or throws keeps no news of the next from anybody. Thread-safe.
 */
final class LinkNews {

    private static final Logger LOG = LoggerFactory.getLogger(LinkNews.class);

    private final DurablePort port;
    /** Where listeners are called. */
    private final Lane lane;
    private final List<Registration> registrations = new CopyOnWriteArrayList<>();
    /** For the lane. */
    private LinkState told = LinkState.DOWN;
    /** The card whose changes are heard of. Guarded by this. */
    private @Nullable Card heard;

    /** Compared by identity, so that the same listener can be there twice. */
    private static final class Registration {

        private final LinkListener listener;

        Registration(LinkListener listener) {
            this.listener = listener;
        }
    }

    LinkNews(DurablePort port, Executor tasks) {
        this.port = port;
        lane = new Lane(tasks, defect -> LOG.error("{}: telling the news of its link has failed", port.name(), defect));
    }

    boolean any() {
        return !registrations.isEmpty();
    }

    /** Has a listener told, until the handle is closed. */
    Registered add(LinkListener listener) {
        Registration registration = new Registration(listener);
        LinkState first = port.link();
        if (registrations.isEmpty()) {
            lane.submit(() -> told = first);
        }
        registrations.add(registration);
        // Who comes or goes after this knows of the listener.
        Card now = port.cardNow();
        if (now == null) {
            lane.submit(() -> {
                if (port.cardNow() == null) {
                    tell(LinkState.DOWN);
                }
            });
        } else {
            now.lane().submit(() -> hear(now));
        }
        return () -> {
            if (registrations.remove(registration) && registrations.isEmpty()) {
                port.unused();
            }
        };
    }

    /** Ends what {@link #add} began. */
    @FunctionalInterface
    interface Registered extends AutoCloseable {
        @Override
        void close();
    }

    /** On a card's lane: has its changes told for as long as its driver is there, if somebody listens. */
    void hear(Card card) {
        boolean first;
        synchronized (this) {
            if (!any() || card.isLeaving()) {
                return; // one that leaves was perhaps forgotten already
            }
            first = heard != card;
            heard = card;
        }
        if (first) {
            try {
                AutoCloseable _ = card.port().onLinkChange(_ -> look(card));
            } catch (DeviceGoneException e) {
                LOG.debug("{}: gone before its link was listened to", card, e);
            }
        }
        look(card);
    }

    /** A card has gone, and with it whoever would call. */
    synchronized void forget(Card card) {
        if (heard == card) {
            heard = null;
        }
    }

    /** A card's link may have changed. */
    void look(Card card) {
        if (any()) {
            card.lane().submit(() -> ask(card));
        }
    }

    private void ask(Card card) {
        LinkState now = stateOf(card);
        lane.submit(() -> {
            if (port.cardNow() == card) {
                tell(now);
            }
        });
    }

    private static LinkState stateOf(Card card) {
        try {
            return card.port().link();
        } catch (DeviceGoneException _) {
            return LinkState.DOWN;
        }
    }

    /** There is no card any more. */
    void lost() {
        if (any()) {
            lane.submit(() -> tell(LinkState.DOWN));
        }
    }

    private void tell(LinkState now) {
        if (now.equals(told)) {
            return;
        }
        told = now;
        for (Registration registration : registrations) {
            try {
                registration.listener.linkChanged(now);
            } catch (RuntimeException | Error e) {
                LOG.warn("{}: a listener failed to take the news that the link is {}", port.name(), now, e);
            }
        }
    }
}
