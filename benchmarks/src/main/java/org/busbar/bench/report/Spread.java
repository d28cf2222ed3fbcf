package org.busbar.bench.report;

import java.util.Arrays;
import java.util.Collection;

/** Smallest, middle and largest of some values; of an even number of values the middle is the mean of the two there. */
public record Spread(double min, double median, double max, int count) {

    /** Summarises at least one value. */
    public static Spread of(Collection<? extends Number> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        double[] sorted = values.stream().mapToDouble(Number::doubleValue).toArray();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Spread(sorted[0], median, sorted[sorted.length - 1], sorted.length);
    }
}
