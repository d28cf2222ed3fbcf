package org.busbar.itest.felix.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Watches over the code of bundles: every method and every loop of a watched bundle calls {@link #passed} (see {@code
 * TrafficWeaver}), so that code that runs when it must not is caught, whichever thread runs it.
 */
public final class Traffic {

    private static final int MOST_KEPT = 20;
    private static final Map<Integer, LongAdder> PASSED = new ConcurrentHashMap<>();
    private static final ThreadLocal<Boolean> OUTSIDER = ThreadLocal.withInitial(() -> false);
    private static final List<Throwable> VIOLATIONS = new ArrayList<>();
    private static final LongAdder LATE_OUTSIDERS = new LongAdder();
    private static final AtomicInteger REVISIONS = new AtomicInteger();
    private static volatile int closedUpTo;

    private Traffic() {}

    /**
     * Called by watched code.
     *
     * @param revision which revision of which bundle it is
     */
    public static void passed(int revision) {
        if (revision > closedUpTo) {
            PASSED.computeIfAbsent(revision, unknown -> new LongAdder()).increment();
        } else if (OUTSIDER.get()) {
            LATE_OUTSIDERS.increment();
        } else {
            synchronized (VIOLATIONS) {
                if (VIOLATIONS.size() < MOST_KEPT) {
                    VIOLATIONS.add(new IllegalStateException(
                            "code of revision " + revision + " runs on " + Thread.currentThread()));
                }
            }
        }
    }

    /** Returns a number for another revision, higher than all before. */
    public static int nextRevision() {
        return REVISIONS.incrementAndGet();
    }

    /** From now on no code of this and of earlier revisions may run. */
    public static void close(int revision) {
        closedUpTo = revision;
    }

    /** Names the current thread as one of an application, which may still be on its way out of a service's method. */
    public static void outsider() {
        OUTSIDER.set(true);
    }

    /** Returns how often code of a revision has passed. */
    public static long passes(int revision) {
        LongAdder adder = PASSED.get(revision);
        return adder == null ? 0 : adder.sum();
    }

    /** Returns where code was caught that had no right to run any more. */
    public static List<Throwable> violations() {
        synchronized (VIOLATIONS) {
            return List.copyOf(VIOLATIONS);
        }
    }

    /** Returns how often threads of applications passed in closed revisions. */
    public static long lateOutsiders() {
        return LATE_OUTSIDERS.sum();
    }

    /** Forgets violations. */
    public static void reset() {
        synchronized (VIOLATIONS) {
            VIOLATIONS.clear();
        }
        LATE_OUTSIDERS.reset();
    }
}
