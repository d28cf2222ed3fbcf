package org.busbar.shell.nvme.internal.perf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Blocks that say what they are. Each begins with a mark, its own number, and the version, which is run and generation in
 * one word; all that follows is computed from these. So a block alone tells whether it is whole and where it belongs, and
 * with what was written in mind also whether it is the latest. Nothing in here allocates.
 */
final class Stamp {

    /** What reading a block has shown. */
    enum Verdict {
        GOOD("as written"),
        UNMARKED("not written by nvme:perf --verify"),
        MISPLACED("the data of another block"),
        STALE("older or other data than were written last"),
        DAMAGED("changed in the middle"),
        UNREADABLE("cannot be read any more");

        private final String text;

        Verdict(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** Any version is good. */
    static final long ANY = 0;

    static final int HEADER = 3 * Long.BYTES;

    private static final long MARK = 0x6275_7362_6172_5631L;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;

    private Stamp() {}

    /** Returns the version of a generation, at least 1, of a run. */
    static long version(int run, int generation) {
        return (long) generation << 32 | Integer.toUnsignedLong(run);
    }

    /** Fills a block. */
    static void write(MemorySegment memory, long at, int blockSize, long block, long version) {
        memory.set(WORD, at, MARK);
        memory.set(WORD, at + 8, block);
        memory.set(WORD, at + 16, version);
        long seed = seed(block, version);
        for (long offset = HEADER; offset < blockSize; offset += 8) {
            memory.set(WORD, at + offset, mix(seed + offset));
        }
    }

    /**
     * Looks at a block that was read.
     *
     * @param version what it has to be, or {@link #ANY}
     */
    static Verdict check(MemorySegment memory, long at, int blockSize, long block, long version) {
        if (memory.get(WORD, at) != MARK) {
            return Verdict.UNMARKED;
        }
        if (memory.get(WORD, at + 8) != block) {
            return Verdict.MISPLACED;
        }
        long found = memory.get(WORD, at + 16);
        long seed = seed(block, found);
        for (long offset = HEADER; offset < blockSize; offset += 8) {
            if (memory.get(WORD, at + offset) != mix(seed + offset)) {
                return Verdict.DAMAGED;
            }
        }
        return version == ANY || version == found ? Verdict.GOOD : Verdict.STALE;
    }

    private static long seed(long block, long version) {
        return mix(block + 0x9e37_79b9_7f4a_7c15L * version);
    }

    /** Spreads each bit over all: two multiplications with odd constants and shifts between them. */
    private static long mix(long value) {
        long mixed = (value ^ value >>> 32) * 0xd6e8_feb8_6659_fd93L;
        mixed = (mixed ^ mixed >>> 29) * 0xff51_afd7_ed55_8ccdL;
        return mixed ^ mixed >>> 32;
    }
}
