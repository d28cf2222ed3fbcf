package org.busbar.shell.nvme.internal.perf;

/** A number for each constant of an enum. For one thread; counting allocates nothing. */
@SuppressWarnings("EnumOrdinal") // an EnumMap of Long would allocate
final class Counts<E extends Enum<E>> {

    private final long[] counts;

    Counts(Class<E> type) {
        counts = new long[type.getEnumConstants().length];
    }

    void add(E constant, long count) {
        counts[constant.ordinal()] += count;
    }

    long get(E constant) {
        return counts[constant.ordinal()];
    }

    /** Adds the counts of another. */
    void add(Counts<E> other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
    }
}
