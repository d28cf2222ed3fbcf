package org.busbar.port.internal;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.LinkState;
import org.busbar.net.NetworkPort.LinkListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners of the link, one change after the other, over all drivers. What they are told is looked up. Thread-safe. */
final class LinkNews {

    private static final Logger LOG = LoggerFactory.getLogger(LinkNews.class);

    private final String name;
    private final Supplier<LinkState> link;
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

    /** @param lane where listeners are called */
    LinkNews(String name, Supplier<LinkState> link, Lane lane) {
        this.name = name;
        this.link = link;
        this.lane = lane;
    }

    boolean any() {
        return !registrations.isEmpty();
    }

    /** Has a listener told, until the handle is closed. */
    Registered add(LinkListener listener, @Nullable Card now) {
        Registration registration = new Registration(listener);
        LinkState first = link.get();
        if (registrations.isEmpty()) {
            lane.submit(() -> told = first);
        }
        registrations.add(registration);
        if (now != null) {
            now.lane().submit(() -> hear(now));
        }
        return () -> registrations.remove(registration);
    }

    /** Ends what {@link #add} began. */
    @FunctionalInterface
    interface Registered extends AutoCloseable {
        @Override
        void close();
    }

    /** On a card's lane: has its changes told for as long as its driver is there, if somebody listens. */
    void hear(Card card) {
        synchronized (this) {
            if (!any() || heard == card) {
                return;
            }
            heard = card;
        }
        try {
            AutoCloseable _ = card.port().onLinkChange(_ -> look());
        } catch (DeviceGoneException e) {
            LOG.debug("{}: gone before its link was listened to", card, e);
        }
        look();
    }

    /** A card has gone, and with it whoever would call. */
    synchronized void forget(Card card) {
        if (heard == card) {
            heard = null;
        }
    }

    /** The link may have changed. */
    void look() {
        if (any()) {
            lane.submit(this::tell);
        }
    }

    private void tell() {
        LinkState now = link.get();
        if (now.equals(told)) {
            return;
        }
        told = now;
        for (Registration registration : registrations) {
            try {
                registration.listener.linkChanged(now);
            } catch (RuntimeException e) {
                LOG.warn("{}: a listener failed to take the news that the link is {}", name, now, e);
            }
        }
    }
}
