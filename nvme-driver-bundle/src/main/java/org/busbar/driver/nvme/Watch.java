package org.busbar.driver.nvme;

import java.util.concurrent.TimeUnit;

/**
 * Looks after the commands of a queue that go unanswered. The clock is not read for each command: a look at all of them,
 * now and then, notes which it sees for the first time.
 *
 * <pre>
 *   NEW --look--> SEEN --timeout--> LATE --Abort is sent--> ABORTING --grace--> the controller is reset
 * </pre>
 *
 * A controller takes few Aborts at a time, so that a command may be LATE for some looks. The controller is reset for it once
 * none was sent for the grace time.
 *
 * For one thread at a time; allocates nothing unless something is late.
 */
final class Watch {

    private static final byte NEW = 0;
    private static final byte SEEN = 1;
    private static final byte LATE = 2;
    private static final byte ABORTING = 3;
    private static final byte REPORTED = 4;

    private static final long MAX_INTERVAL = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long MAX_GRACE = TimeUnit.SECONDS.toNanos(5);

    private final int queue;
    private final Identifiers slots;
    private final long timeout;
    private final long interval;
    private final long grace;
    private final Aborter aborter;
    private final Health health;
    private final byte[] stages;
    private final long[] since;
    private long lastLook = System.nanoTime();
    private long lastAbort = lastLook;

    /** Asks the controller to abort a command (NVMe Base 1.4, section 5.1). */
    @FunctionalInterface
    interface Aborter {

        /**
         * Must not block. It may be too late for the abort; the command's completion tells.
         *
         * @return whether the controller was asked; if not it takes no more Aborts now
         */
        boolean abort(int queue, int identifier);
    }

    /** @param timeoutNanos after how long a command is aborted */
    Watch(int queue, Identifiers slots, long timeoutNanos, Aborter aborter, Health health) {
        this.queue = queue;
        this.slots = slots;
        this.timeout = timeoutNanos;
        this.interval = Math.min(MAX_INTERVAL, timeoutNanos / 8);
        this.grace = Math.min(timeoutNanos, MAX_GRACE);
        this.aborter = aborter;
        this.health = health;
        this.stages = new byte[slots.slots()];
        this.since = new long[slots.slots()];
    }

    /** A slot has a new command, or its command was sent again. */
    void begin(int slot) {
        stages[slot] = NEW;
    }

    /** Whether a command has missed its time. */
    boolean isLate(int slot) {
        return stages[slot] >= LATE;
    }

    /** Whether it is time for a look. */
    boolean isDue(long now) {
        return now - lastLook >= interval;
    }

    /** Looks at all commands. */
    void look(long now) {
        lastLook = now;
        for (int slot = 0; slot < stages.length; slot++) {
            if (slots.isTaken(slot)) {
                look(slot, now);
            }
        }
    }

    private void look(int slot, long now) {
        switch (stages[slot]) {
            case NEW -> enter(slot, SEEN, now);
            case SEEN -> {
                if (now - since[slot] > timeout) {
                    enter(slot, LATE, now);
                    abort(slot, now);
                }
            }
            case LATE -> abort(slot, now);
            case ABORTING -> {
                if (now - since[slot] > grace) {
                    report(slot, now, "Abort did not end it");
                }
            }
            default -> {
                // the reset is on its way
            }
        }
    }

    private void abort(int slot, long now) {
        if (aborter.abort(queue, slots.of(slot))) {
            enter(slot, ABORTING, now);
            lastAbort = now;
        } else if (now - since[slot] > grace && now - lastAbort > grace) {
            report(slot, now, "no Abort could be sent");
        }
    }

    private void report(int slot, long now, String what) {
        enter(slot, REPORTED, now);
        health.unresponsive("queue " + queue + ": a command was not answered within "
                + TimeUnit.NANOSECONDS.toMillis(timeout) + " ms, and " + what);
    }

    private void enter(int slot, byte stage, long now) {
        stages[slot] = stage;
        since[slot] = now;
    }
}
