package org.busbar.durable.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which writes a flush has made durable, so that a loss of power can be told to those whom it concerns. Thread-safe.
 *
 * <p>Flushes are numbered as they are submitted. A write is noted with the number of the latest flush submitted before it
 * was acknowledged; a flush that has a higher number and was successful has made it durable.
 */
final class Durability {

    private final AtomicLong submitted = new AtomicLong();
    private final AtomicLong durable = new AtomicLong();
    private final Set<Ledger> ledgers = ConcurrentHashMap.newKeySet();
    /** What is noted in ledgers that were closed. */
    private final AtomicLong noted = new AtomicLong(-1);
    private volatile int losses;
    // Guarded by this.
    private boolean told = true;

    /** One handle's notes: of a queue, or of all who call blocking methods. */
    final class Ledger {

        private final AtomicLong latest = new AtomicLong(-1);
        private final AtomicLong inside = new AtomicLong();
        private volatile int seen;
        private volatile long toldUntil;

        private Ledger(int seen) {
            this.seen = seen;
        }

        /** Completions of writes may be taken from now on that are not noted yet; {@link #leave} has to follow. */
        void enter() {
            inside.incrementAndGet();
        }

        void leave() {
            inside.decrementAndGet();
        }

        /** A write is about to be acknowledged that was not durable by itself. */
        void written() {
            note(latest, submitted.get());
        }

        /**
         * Returns whether a flush has to fail: what it was to make durable may be lost, and when it was submitted its user had
         * not been told.
         */
        boolean breaks(long number) {
            return seen != losses || number <= toldUntil;
        }

        /** The handle's user is told now. */
        void told() {
            synchronized (Durability.this) {
                toldUntil = submitted.get();
                seen = losses;
                told = true;
            }
        }

        private boolean isDirty() {
            return inside.get() > 0 || latest.get() >= durable.get();
        }
    }

    /** Opens the notes of a handle. A loss that nobody was told of is told to it. */
    synchronized Ledger open() {
        Ledger ledger = new Ledger(told ? losses : losses - 1);
        ledgers.add(ledger);
        return ledger;
    }

    void close(Ledger ledger) {
        note(noted, ledger.latest.get());
        ledgers.remove(ledger);
    }

    /** Returns the number of a flush that is about to be submitted. */
    long flushing() {
        return submitted.incrementAndGet();
    }

    /** A flush was successful. */
    void flushed(long number) {
        note(durable, number);
    }

    /** The medium was without power. Returns whether something may be lost; then everybody is told at the next flush. */
    synchronized boolean powerLost() {
        boolean dirty = noted.get() >= durable.get();
        for (Ledger ledger : ledgers) {
            dirty |= ledger.isDirty();
        }
        if (dirty) {
            // What was noted so far counts as told: the next loss is about what is written from now on.
            note(durable, submitted.incrementAndGet());
            told = false;
            losses++;
        }
        return dirty;
    }

    private static void note(AtomicLong where, long number) {
        if (where.get() < number) {
            where.accumulateAndGet(number, Math::max);
        }
    }
}
