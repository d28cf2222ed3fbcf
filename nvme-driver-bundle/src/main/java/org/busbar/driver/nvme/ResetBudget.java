package org.busbar.driver.nvme;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Decides whether another reset of a controller makes sense. Resets have to be earned by commands that the controller
 * answers: one that answers a single command after each reset would otherwise be reset for ever, as fast as it goes. For one
 * thread.
 */
final class ResetBudget {

    /** Resets in a row after which nothing has completed: the next would not help either. */
    static final int FRUITLESS = 3;
    /** Resets that a controller has to its credit at first, and at most. */
    static final int MOST = 32;
    /** Answers that earn a reset. */
    static final int PRICE = 64;
    /** Time that earns one as well, for controllers with little to do. */
    private static final long NANOS = TimeUnit.MINUTES.toNanos(1);

    /**
     * What a controller has answered since the beginning. Neither count ever falls.
     *
     * @param requests requests of I/O queues answered in time
     * @param admin admin commands
     * @param idle whether no request is in flight: only then do answers to admin commands mean that all is well
     */
    record Progress(long requests, long admin, boolean idle) {}

    private final LongSupplier clock;
    private Progress before = new Progress(0, 0, true);
    private int fruitless;
    private int credit = MOST;
    private long answers;
    private long creditedAt;

    /** @param clock nanoseconds */
    ResetBudget(LongSupplier clock) {
        this.clock = clock;
        this.creditedAt = clock.getAsLong();
    }

    /**
     * Spends a reset.
     *
     * @param wanted whether somebody has asked for it, which costs nothing
     * @return why it makes no sense, if so
     */
    Optional<String> spend(Progress now, boolean wanted) {
        long gained = now.requests() - before.requests() + (now.idle() ? now.admin() - before.admin() : 0);
        before = now;
        earn(gained);
        if (wanted) {
            fruitless = 0;
            return Optional.empty();
        }
        fruitless = gained == 0 ? fruitless + 1 : 1;
        if (fruitless > FRUITLESS) {
            return Optional.of(FRUITLESS + " resets in a row have not helped");
        }
        if (credit == 0) {
            return Optional.of("it needs more than a reset for every " + PRICE + " commands that it answers");
        }
        credit--;
        return Optional.empty();
    }

    private void earn(long gained) {
        answers += gained;
        long minutes = (clock.getAsLong() - creditedAt) / NANOS;
        creditedAt += minutes * NANOS;
        credit = (int) Math.min(MOST, credit + minutes + answers / PRICE);
        answers %= PRICE;
    }
}
