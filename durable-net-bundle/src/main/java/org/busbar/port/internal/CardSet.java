package org.busbar.port.internal;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.PortFeature;
import org.busbar.port.PortCard;
import org.busbar.port.PortState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cards of a port, and the state that follows from them. Changed by one thread, that of the ports; read by all.
 */
final class CardSet {

    private static final Logger LOG = LoggerFactory.getLogger(CardSet.class);

    /** Who looks after ports. */
    interface Owner {

        /** The state has changed. */
        void changed(DurablePort port);

        /** After how long without a card a port is absent. */
        Duration hold();
    }

    private final DurablePort port;
    private final Works works;
    private final Owner owner;
    /** Those that were there at the same time as the one that is used: it is not to be guessed which of them is meant. */
    private final Set<String> rivals = new HashSet<>();
    private volatile Card[] cards = {};
    private volatile @Nullable Card active;
    private volatile PortState state = PortState.HELD;
    private int holds;
    /** When frames could not pass any more. */
    private long since;
    private boolean waiting;

    CardSet(DurablePort port, Works works, Owner owner) {
        this.port = port;
        this.works = works;
        this.owner = owner;
    }

    // On any thread.

    PortState state() {
        return state;
    }

    /** Returns the card that frames pass through, possibly not in place yet. */
    @Nullable
    Card active() {
        Card now = active;
        return now == null || now.isLeaving() ? null : now;
    }

    List<PortCard> list() {
        Card used = active();
        return Arrays.stream(cards)
                .filter(card -> !card.isLeaving())
                .map(card -> card.view(card == used && !card.isRefused()))
                .toList();
    }

    /** Nobody may be left who uses the port. */
    void unused() {
        works.changes().execute(() -> happened(PortEvent.LAST_USER_LEFT));
    }

    // On the ports' thread.

    /** A card with the port's identity has come. Returns why it is not used, or nothing. */
    Optional<String> come(Card card) {
        Optional<String> why = objection(card);
        cards = Arrays.copyOf(cards, cards.length + 1);
        cards[cards.length - 1] = card;
        if (why.isPresent()) {
            LOG.warn("{}: {} is not used: {}", port.name(), card, why.get());
            card.refuse(why.get());
            return why;
        }
        active = card;
        port.totals().begin(card);
        card.lane().submit(() -> putInPlace(card));
        return why;
    }

    private Optional<String> objection(Card card) {
        Card used = active();
        if (used != null || rivals.contains(card.place())) {
            rivals.add(card.place());
            return Optional.of("another card has the same address" + (used == null ? "" : ", " + used)
                    + "; take one of them out, and the one that is to be used out and in again");
        }
        if (!card.traits().features().contains(PortFeature.SHARED_POOL)) {
            return Optional.of("its queues take only packets in memory of its own (it lacks "
                    + PortFeature.SHARED_POOL + "), which ends with its driver");
        }
        return Optional.empty();
    }

    /** On the card's lane: settings first, then queues, so that no frame passes before its port is as it was. */
    private void putInPlace(Card card) {
        try {
            port.chosen().tell(card.port());
            port.slots().attachAll(card);
            port.news().hear(card);
        } catch (DeviceGoneException e) {
            LOG.debug("{}: {} was gone before it was set up", port.name(), card, e);
            return;
        } catch (RuntimeException | Error defect) {
            card.report("while it was set up for " + port.name(), defect);
            card.refuse("its driver has failed to be set up: " + defect);
            return;
        }
        works.changes().execute(() -> ready(card));
    }

    private void ready(Card card) {
        if (active != card || card.isLeaving()) {
            return;
        }
        if (waiting) {
            waiting = false;
            port.past().paused(works.nanoTime() - since);
        }
        happened(PortEvent.CARD_READY);
        port.news().look(card);
    }

    /** A card or its driver has gone. */
    void go(Card card) {
        cards = Arrays.stream(cards).filter(other -> other != card).toArray(Card[]::new);
        port.news().forget(card);
        if (active != card) {
            return;
        }
        active = null;
        if (!waiting) {
            waiting = true;
            since = card.left();
        }
        port.past().driverLost();
        port.past().ended(card.handed(), port.totals().end(card));
        // A driver's queue takes its time to close.
        works.tasks().execute(() -> port.slots().withdraw(card));
        happened(PortEvent.CARD_WENT);
        if (holds == 0) {
            beginHold(); // it has never been up: nothing has begun the time yet
        }
        port.news().lost();
    }

    /** The port is given up. */
    void drop() {
        state = PortState.DROPPED;
    }

    private void happened(PortEvent event) {
        PortState before = state;
        PortState after = event.after(before, port.isUsed());
        if (after == before) {
            return;
        }
        state = after;
        LOG.info("{}: {}, {}", port.name(), after, after.text());
        if (after == PortState.HELD) {
            beginHold();
        }
        port.changes().signal();
        owner.changed(port);
    }

    private void beginHold() {
        int hold = ++holds;
        works.later(() -> {
            if (hold == holds && state == PortState.HELD) {
                happened(PortEvent.HOLD_OVER);
            }
        }, owner.hold().toNanos());
    }
}
