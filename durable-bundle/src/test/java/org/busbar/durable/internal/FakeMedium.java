package org.busbar.durable.internal;

/** Blocks of eight bytes each, with a volatile cache before them. Thread-safe. */
final class FakeMedium {

    private final long[] seen;
    private final long[] durable;

    FakeMedium(int blocks) {
        seen = new long[blocks];
        durable = new long[blocks];
    }

    synchronized int blocks() {
        return seen.length;
    }

    synchronized long read(long block) {
        return seen[(int) block];
    }

    synchronized void write(long block, long value, boolean forced) {
        seen[(int) block] = value;
        if (forced) {
            durable[(int) block] = value;
        }
    }

    synchronized void flush() {
        System.arraycopy(seen, 0, durable, 0, seen.length);
    }

    /** What is only in the cache is lost. */
    synchronized void losePower() {
        System.arraycopy(durable, 0, seen, 0, seen.length);
    }

    /** Returns what is there after a loss of power. */
    synchronized long durable(long block) {
        return durable[(int) block];
    }
}
