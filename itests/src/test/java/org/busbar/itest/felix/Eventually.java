package org.busbar.itest.felix;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits in tests: for a condition, with a deadline. */
final class Eventually {

    /** Long enough for a machine that is busy with other things; a test that waits so long has failed. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    private static final long FIRST_PAUSE = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

    private Eventually() {}

    /** Waits until a condition holds. */
    static void await(String what, BooleanSupplier condition) {
        await(what, condition, () -> "");
    }

    /**
     * Waits until a condition holds.
     *
     * @param details what is there instead, for the failure
     */
    static void await(String what, BooleanSupplier condition, Supplier<?> details) {
        await(what, condition, details, LIMIT);
    }

    static void await(String what, BooleanSupplier condition, Supplier<?> details, Duration limit) {
        if (!holdsWithin(limit, condition)) {
            throw new AssertionError("waited " + limit.toMillis() + " ms in vain for " + what + ": " + details.get());
        }
    }

    /** Returns whether a condition comes to hold in time. */
    static boolean holdsWithin(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        ReentrantLock lock = new ReentrantLock();
        Condition nothing = lock.newCondition();
        long pause = FIRST_PAUSE;
        while (!condition.getAsBoolean()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            lock.lock();
            try {
                nothing.awaitNanos(Math.min(left, pause));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            } finally {
                lock.unlock();
            }
            pause = Math.min(pause * 2, LONGEST_PAUSE);
        }
        return true;
    }
}
