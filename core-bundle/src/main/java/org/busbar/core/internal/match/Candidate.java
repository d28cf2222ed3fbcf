package org.busbar.core.internal.match;

import java.util.Comparator;
import org.busbar.device.bus.MatchKey;

/**
 * A driver that matches a device, with the key by which it matches best. Better candidates come first: by score, then by
 * service ranking, then the older service.
 */
public record Candidate(DriverEntry driver, MatchKey key) implements Comparable<Candidate> {

    private static final Comparator<Candidate> BEST_FIRST =
            Comparator.comparing((Candidate c) -> c.key.score(), Comparator.reverseOrder())
                    .thenComparing(c -> c.driver.ranking(), Comparator.reverseOrder())
                    .thenComparingLong(c -> c.driver.serviceId());

    @Override
    public int compareTo(Candidate other) {
        return BEST_FIRST.compare(this, other);
    }

    /** Returns the better one of two candidates for the same device. */
    Candidate orBetter(Candidate other) {
        return compareTo(other) <= 0 ? this : other;
    }
}
