package org.busbar.testkit.net;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Fault;
import org.busbar.net.LinkState;

/** What happens to a network card while frames pass. */
public enum Trouble {

    /** It is pulled without a word, and another one is put in its place. */
    YANK(false) {
        @Override
        void strike(CardPlace place) throws Exception {
            place.slot().pull();
            place.slot().removeSurprised();
            place.replace();
        }
    },

    /** It is given up in order, and another one is put in its place. */
    EJECT(false) {
        @Override
        void strike(CardPlace place) throws Exception {
            place.slot().remove(RemovalReason.EJECT);
            place.replace();
        }
    },

    /** It is pulled while it is being given up. */
    YANK_WHILE_EJECTING(false) {
        @Override
        void strike(CardPlace place) throws Exception {
            Thread puller = Thread.ofPlatform().start(() -> {
                place.slot().pull();
                place.slot().context().revoke();
            });
            place.slot().removeOvertaken(RemovalReason.EJECT);
            puller.join(DEADLINE_MILLIS);
            place.replace();
        }
    },

    /** Its driver leaves, and a new one comes and takes the same card. */
    DRIVER_SWAP(false) {
        @Override
        void strike(CardPlace place) throws Exception {
            place.slot().remove(RemovalReason.DRIVER_LEFT);
            place.bind();
        }
    },

    /** Its cable is taken out and put in again. */
    LINK_FLAP(true) {
        @Override
        void strike(CardPlace place) throws Exception {
            BlockingQueue<LinkState> heard = new LinkedBlockingQueue<>();
            AutoCloseable listening = place.port().onLinkChange(heard::add);
            place.slot().faults(new Fault.LinkDown());
            awaitLink(heard, false);
            place.slot().faults();
            awaitLink(heard, true);
            listening.close();
        }
    },

    /** Its port is reset, and its queues stay open. */
    RESET(true) {
        @Override
        void strike(CardPlace place) throws Exception {
            place.port().reset(Deadline.afterMillis(DEADLINE_MILLIS));
        }
    };

    private static final long DEADLINE_MILLIS = 60_000;

    private final boolean queuesStay;

    Trouble(boolean queuesStay) {
        this.queuesStay = queuesStay;
    }

    /** Whether queues that are open go on. If not, they find the device gone, and the place has another binding. */
    boolean queuesStay() {
        return queuesStay;
    }

    abstract void strike(CardPlace place) throws Exception;

    private static void awaitLink(BlockingQueue<LinkState> heard, boolean up) throws InterruptedException {
        Deadline deadline = Deadline.afterMillis(DEADLINE_MILLIS);
        LinkState state;
        do {
            state = heard.poll(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
            if (state == null) {
                throw new AssertionError("nobody has heard that the link is " + (up ? "up" : "down"));
            }
        } while (state.up() != up);
    }
}
