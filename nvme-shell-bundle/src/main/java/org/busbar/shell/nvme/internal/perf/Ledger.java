package org.busbar.shell.nvme.internal.perf;

import java.util.BitSet;

/** What one thread has written where: the generation that a unit has to have now. For one thread; allocates nothing. */
final class Ledger {

    private final long first;
    private final int[] generations;
    private final BitSet known;
    private final BitSet busy;

    Ledger(Plan.Slice slice) {
        first = slice.first();
        int count = Math.toIntExact(slice.count());
        generations = new int[count];
        known = new BitSet(count);
        busy = new BitSet(count);
    }

    private int index(long unit) {
        return (int) (unit - first);
    }

    /** Returns whether a request for a unit is under way: no other may be. */
    boolean isBusy(long unit) {
        return busy.get(index(unit));
    }

    /** Notes that a read begins; returns the generation that it has to find, 0 if that is not known. */
    int beginRead(long unit) {
        int index = index(unit);
        busy.set(index);
        return known.get(index) ? generations[index] : 0;
    }

    /** Notes that a write begins; returns the generation to write. */
    int beginWrite(long unit) {
        int index = index(unit);
        busy.set(index);
        generations[index] = generations[index] == Integer.MAX_VALUE ? 1 : generations[index] + 1;
        known.clear(index);
        return generations[index];
    }

    void endRead(long unit) {
        busy.clear(index(unit));
    }

    /** Notes that a write has ended; after one that has failed nobody knows what is there. */
    void endWrite(long unit, boolean done) {
        int index = index(unit);
        busy.clear(index);
        known.set(index, done);
    }

    /** Returns the first unit from another on whose content is known, -1 if there is none. */
    long nextKnown(long unit) {
        int index = known.nextSetBit(index(unit));
        return index < 0 ? -1 : first + index;
    }
}
