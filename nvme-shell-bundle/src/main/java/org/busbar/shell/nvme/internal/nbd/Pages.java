package org.busbar.shell.nvme.internal.nbd;

import java.util.BitSet;

/** Divides memory: pieces are whole pages in a row. For one thread at a time. */
final class Pages {

    static final int PAGE = 4096;

    private final int pages;
    private final BitSet used;

    Pages(int bytes) {
        pages = bytes / PAGE;
        used = new BitSet(pages);
    }

    /** Returns where a piece of so many bytes begins, -1 if there is no room for it now. */
    int take(int bytes) {
        int count = count(bytes);
        for (int from = used.nextClearBit(0); from + count <= pages; from = used.nextClearBit(from)) {
            int end = used.nextSetBit(from);
            if (end < 0 || end - from >= count) {
                used.set(from, from + count);
                return from * PAGE;
            }
            from = end;
        }
        return -1;
    }

    /** Gives a piece back. */
    void release(int at, int bytes) {
        used.clear(at / PAGE, at / PAGE + count(bytes));
    }

    private static int count(int bytes) {
        return Math.ceilDiv(bytes, PAGE);
    }
}
