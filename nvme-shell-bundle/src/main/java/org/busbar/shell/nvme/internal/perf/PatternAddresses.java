package org.busbar.shell.nvme.internal.perf;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Requests as a pattern has them, around and around in a slice. */
final class PatternAddresses implements Addresses {

    /** How often to draw another unit when one is under way, before a completion is waited for. */
    private static final int DRAWS = 8;

    private final Pattern pattern;
    private final int readPercent;
    private final Plan.Slice slice;
    private final @Nullable Ledger ledger;
    private final SplittableRandom random;
    private long next;
    private long unit;
    private boolean write;

    PatternAddresses(Pattern pattern, int readPercent, Plan.Slice slice, @Nullable Ledger ledger, long seed) {
        this.pattern = pattern;
        this.readPercent = readPercent;
        this.slice = slice;
        this.ledger = ledger;
        random = new SplittableRandom(seed);
    }

    @Override
    public boolean advance() {
        if (!place()) {
            return false;
        }
        write = pattern.mixed() ? random.nextInt(100) >= readPercent : pattern.writes();
        return true;
    }

    private boolean place() {
        if (!pattern.random()) {
            unit = slice.first() + next;
            if (isBusy()) {
                return false;
            }
            next = next + 1 == slice.count() ? 0 : next + 1;
            return true;
        }
        for (int draw = 0; draw < DRAWS; draw++) {
            unit = slice.first() + random.nextLong(slice.count());
            if (!isBusy()) {
                return true;
            }
        }
        return false;
    }

    private boolean isBusy() {
        return ledger != null && ledger.isBusy(unit);
    }

    @Override
    public long unit() {
        return unit;
    }

    @Override
    public boolean isWrite() {
        return write;
    }
}
