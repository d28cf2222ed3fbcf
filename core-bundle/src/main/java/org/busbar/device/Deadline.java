package org.busbar.device;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A moment on the monotonic clock by which something has to be done. Immutable.
 *
 * <p>A deadline is handed down through calls, so that a chain of waits never takes longer than its caller agreed to.
 */
public final class Deadline {

    private final long nanoTime;

    private Deadline(long nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Returns the deadline that lies the given time ahead.
     *
     * @param duration at least zero, at most 100 years
     * @throws IllegalArgumentException if the duration is outside that range
     */
    public static Deadline after(Duration duration) {
        if (duration.isNegative() || duration.compareTo(Duration.ofDays(36_500)) > 0) {
            throw new IllegalArgumentException("a deadline lies 0 to 36500 days ahead, not " + duration);
        }
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    /** Returns the deadline that lies the given number of milliseconds ahead. */
    public static Deadline afterMillis(long millis) {
        return after(Duration.ofMillis(millis));
    }

    /** Returns the nanoseconds that are left, zero or less once the deadline has passed. */
    public long remainingNanos() {
        return nanoTime - System.nanoTime();
    }

    /** Returns the time that is left, never negative. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, remainingNanos()));
    }

    /** Returns the time that is left in the given unit, rounded up, never negative. */
    public long remaining(TimeUnit unit) {
        long nanos = Math.max(0, remainingNanos());
        long whole = unit.convert(nanos, TimeUnit.NANOSECONDS);
        return unit.toNanos(whole) < nanos ? whole + 1 : whole;
    }

    /** Returns whether the deadline has passed. */
    public boolean expired() {
        return remainingNanos() <= 0;
    }

    /** Returns the earlier of this deadline and another. */
    public Deadline orEarlier(Deadline other) {
        return nanoTime - other.nanoTime <= 0 ? this : other;
    }

    @Override
    public String toString() {
        return "in " + remaining().toMillis() + " ms";
    }
}
