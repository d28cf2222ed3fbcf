package org.busbar.durable.internal;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks, now and then, at what a queue has with its path's driver, and finds what takes too long: a call of the driver that
 * does not return, or a request that does not end although its owner looks for the end. For the volumes' thread; the owner
 * writes nothing for it but its {@link Pulse}.
 *
 * <p>Time in which the owner did not look does not count against the driver, nor does time in which this watch could not look
 * itself: a machine that was asleep has made no driver late.
 */
final class QueueWatch {

    private final DurableVolume volume;
    private final Requests requests;
    /** What was in flight at the last look, by slot. */
    private final long[] seen;
    private final long[] owed;
    /** Of the attachment at the last look, by its number: this is not to hold a driver that has gone. */
    private long before;
    private long calls;
    private long looks;
    private long stuck;
    private long last;

    QueueWatch(DurableVolume volume, Requests requests) {
        this.volume = volume;
        this.requests = requests;
        this.seen = new long[requests.depth()];
        this.owed = new long[requests.depth()];
    }

    /**
     * Looks.
     *
     * @param now with which path the queue is
     * @param interval the time between two looks
     * @param patience how long things may take
     */
    void look(@Nullable Attachment now, long interval, long patience) {
        long time = volume.nanoTime();
        long passed = Math.min(time - last, 2 * interval);
        last = time;
        long number = now == null ? 0 : now.number();
        if (now == null || number != before || now.path().isCondemned()) {
            before = number;
            stuck = 0;
            Arrays.fill(seen, Requests.NONE);
            Arrays.fill(owed, 0);
            return;
        }
        Pulse driver = now.driverPulse();
        boolean inside = (driver.calls() & 1) == 1 && driver.calls() == calls;
        stuck = inside ? stuck + passed : 0;
        calls = driver.calls();
        if (stuck > patience) {
            volume.fault(now.path(), "a call of its queue has not returned for " + words(stuck) + ", it is at "
                    + driver.place());
            return;
        }
        boolean looked = now.pulse().looks() != looks;
        looks = now.pulse().looks();
        for (int slot = 0; slot < seen.length; slot++) {
            long there = requests.inFlight(slot);
            boolean same = there != Requests.NONE && there == seen[slot];
            seen[slot] = there;
            owed[slot] = !same ? 0 : looked ? owed[slot] + passed : owed[slot];
            if (owed[slot] > patience) {
                String where =
                        stuck == 0 ? "" : ", and a call of its queue has not returned, it is at " + driver.place();
                volume.fault(
                        now.path(), requests.describe(slot) + " has not ended for " + words(owed[slot]) + where);
                return;
            }
        }
    }

    static String words(long nanos) {
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        return millis < 10_000 ? millis + " ms" : millis / 1000 + " s";
    }
}
