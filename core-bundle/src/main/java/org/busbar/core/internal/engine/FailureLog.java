package org.busbar.core.internal.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;

/** The latest failures of a pair, and which of them count. Belongs to the worker. */
final class FailureLog {

    /** Also the most that policy can ask for. */
    private static final int CAPACITY = 1000;

    /** @param at by the monotonic clock */
    record Failure(long at, Instant time, String what) {}

    private final ArrayDeque<Failure> failures = new ArrayDeque<>(0);
    private int counting;

    void add(Failure failure) {
        if (failures.size() == CAPACITY) {
            failures.removeFirst();
            counting = Math.min(counting, CAPACITY - 1);
        }
        failures.addLast(failure);
        counting++;
    }

    /** Returns how many have happened in the time before now, without those that were forgiven. */
    int recent(long now, Duration window) {
        int count = 0;
        var latestFirst = failures.descendingIterator();
        while (count < counting && latestFirst.hasNext() && now - latestFirst.next().at() <= window.toNanos()) {
            count++;
        }
        return count;
    }

    /** Nothing that has happened until now counts any more. */
    void forgive() {
        counting = 0;
    }

    /** Returns the latest, oldest first. */
    List<Failure> latest(int most) {
        return failures.stream().skip(Math.max(0, failures.size() - most)).toList();
    }
}
