package org.busbar.shell.nvme.internal.perf;

import java.lang.foreign.MemorySegment;

/** Marks what a thread writes and checks what it reads. For one thread; allocates nothing unless something is wrong. */
final class Checker {

    private final Plan plan;
    private final int run;
    private final Tally tally;
    private final int blockSize;

    Checker(Plan plan, int run, Tally tally) {
        this.plan = plan;
        this.run = run;
        this.tally = tally;
        blockSize = plan.device().blockSize();
    }

    /** Fills the blocks of a unit. */
    void mark(MemorySegment memory, long at, long unit, int generation) {
        long first = plan.block(unit);
        long version = Stamp.version(run, generation);
        for (int i = 0; i < plan.blocksPerUnit(); i++) {
            Stamp.write(memory, at + (long) i * blockSize, blockSize, first + i, version);
        }
    }

    /**
     * Looks at the blocks of a unit.
     *
     * @param generation what they have to be of; 0 if anything that is whole and in its place is good
     */
    void check(MemorySegment memory, long at, long unit, int generation) {
        long first = plan.block(unit);
        long version = generation == 0 ? Stamp.ANY : Stamp.version(run, generation);
        for (int i = 0; i < plan.blocksPerUnit(); i++) {
            Stamp.Verdict verdict = Stamp.check(memory, at + (long) i * blockSize, blockSize, first + i, version);
            tally.checked(verdict);
            boolean wrong = verdict != Stamp.Verdict.GOOD && (verdict != Stamp.Verdict.UNMARKED || generation != 0);
            if (wrong && !tally.hasMismatch()) {
                tally.mismatch("block " + (first + i) + ": " + verdict.text());
            }
        }
    }

    /** Counts the blocks of a unit that should have been read back and could not be. */
    void unreadable(long unit) {
        for (int i = 0; i < plan.blocksPerUnit(); i++) {
            tally.checked(Stamp.Verdict.UNREADABLE);
        }
        tally.mismatch("block " + plan.block(unit) + ": " + Stamp.Verdict.UNREADABLE.text());
    }
}
