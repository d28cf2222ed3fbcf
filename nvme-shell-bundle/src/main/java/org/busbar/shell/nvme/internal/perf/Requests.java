package org.busbar.shell.nvme.internal.perf;

/** What is known of each request in flight, by its tag. For one thread; allocates nothing. */
final class Requests {

    private final long[] units;
    private final long[] startedAt;
    private final int[] generations;
    private final boolean[] writes;
    private final int[] free;
    private int freeCount;

    Requests(int depth) {
        units = new long[depth];
        startedAt = new long[depth];
        generations = new int[depth];
        writes = new boolean[depth];
        free = new int[depth];
        for (int tag = 0; tag < depth; tag++) {
            free[freeCount++] = tag;
        }
    }

    int depth() {
        return units.length;
    }

    boolean hasFree() {
        return freeCount > 0;
    }

    /** Returns a tag that is not in use. */
    int take() {
        return free[--freeCount];
    }

    void release(int tag) {
        free[freeCount++] = tag;
    }

    void prepare(int tag, long unit, boolean write, int generation) {
        units[tag] = unit;
        writes[tag] = write;
        generations[tag] = generation;
    }

    void begin(int tag, long now) {
        startedAt[tag] = now;
    }

    long unit(int tag) {
        return units[tag];
    }

    boolean isWrite(int tag) {
        return writes[tag];
    }

    int generation(int tag) {
        return generations[tag];
    }

    long startedAt(int tag) {
        return startedAt[tag];
    }
}
