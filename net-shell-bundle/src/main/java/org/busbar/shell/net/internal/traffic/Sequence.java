package org.busbar.shell.net.internal.traffic;

import java.util.Arrays;

/** The numbers of one run, as they arrive: which were lost, came twice, or late. Memory is fixed: a window of the latest. */
final class Sequence {

    private static final int WINDOW = 1 << 16;

    private final int stream;
    private final long[] seen = new long[WINDOW / Long.SIZE];
    private long first = -1;
    private long highest = -1;
    private long unique;
    private long duplicates;
    private long reordered;

    Sequence(int stream) {
        this.stream = stream;
    }

    int stream() {
        return stream;
    }

    /** Takes note of a number, from 0. */
    void add(long number) {
        if (first < 0) {
            first = number;
            highest = number - 1;
        }
        if (number > highest) {
            forget(number);
            highest = number;
        } else if (highest - number >= WINDOW) {
            reordered++; // too late to tell whether it came before
            unique++;
            first = Math.min(first, number);
            return;
        } else if (isSeen(number)) {
            duplicates++;
            return;
        } else {
            reordered++;
            first = Math.min(first, number);
        }
        mark(number);
        unique++;
    }

    /** What was noted WINDOW numbers ago makes room. */
    private void forget(long number) {
        if (number - highest >= WINDOW) {
            Arrays.fill(seen, 0);
            return;
        }
        for (long next = highest + 1; next <= number; next++) {
            seen[word(next)] &= ~(1L << next % Long.SIZE);
        }
    }

    private boolean isSeen(long number) {
        return (seen[word(number)] >>> number % Long.SIZE & 1) != 0;
    }

    private void mark(long number) {
        seen[word(number)] |= 1L << number % Long.SIZE;
    }

    private static int word(long number) {
        return (int) (number % WINDOW / Long.SIZE);
    }

    long unique() {
        return unique;
    }

    /** Returns how many are missing between the lowest and the highest that came. */
    long lost() {
        return first < 0 ? 0 : highest - first + 1 - unique;
    }

    long duplicates() {
        return duplicates;
    }

    long reordered() {
        return reordered;
    }
}
