package org.busbar.port.internal;

import org.busbar.device.DeviceGoneException;
import org.jspecify.annotations.Nullable;

/** Counters over all drivers that a port has had: they never fall. Thread-safe; drivers are asked without a lock. */
final class Totals {

    // Guarded by this.
    private Sample ended = Sample.NOTHING;
    private Sample latest = Sample.NOTHING;
    private @Nullable Card current;

    /** What is counted from here on is this card's. */
    synchronized void begin(Card card) {
        current = card;
        latest = Sample.NOTHING;
    }

    /** Asks the driver, if it is there. */
    void look(Card card) {
        Sample sample;
        try {
            sample = Sample.of(card.port());
        } catch (DeviceGoneException _) {
            return; // what it has counted since the last look nobody will know
        }
        synchronized (this) {
            if (current == card) {
                latest = latest.orLater(sample);
            }
        }
    }

    /** Keeps what a card has counted that goes. Returns how many frames it has sent, as far as is known. */
    synchronized long end(Card card) {
        if (current != card) {
            return 0;
        }
        long sent = latest.all().sentFrames();
        ended = ended.plus(latest);
        latest = Sample.NOTHING;
        current = null;
        return sent;
    }

    synchronized Sample now() {
        return ended.plus(latest);
    }
}
