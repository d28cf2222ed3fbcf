package org.busbar.shell.net.internal.run;

/** Keeps to points in time: waits for each, long waits asleep and short ones awake. For one thread. */
public final class Pace {

    /** What the system needs to wake somebody up, generously. */
    private static final long AWAKE_NANOS = 200_000;

    private final Stop stop;
    private final long start = System.nanoTime();

    public Pace(Stop stop) {
        this.stop = stop;
    }

    /** Returns how long the pace has been kept, in nanoseconds. */
    public long elapsed() {
        return System.nanoTime() - start;
    }

    /** Waits until so many nanoseconds after the start; returns whether the work has to end. */
    public boolean await(long nanos) throws InterruptedException {
        long left = nanos - elapsed();
        if (left > AWAKE_NANOS && stop.await(left - AWAKE_NANOS)) {
            return true;
        }
        while (nanos - elapsed() > 0) {
            Thread.onSpinWait();
        }
        return stop.isWanted();
    }
}
