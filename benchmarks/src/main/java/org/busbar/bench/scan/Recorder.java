package org.busbar.bench.scan;

import java.io.PrintStream;
import java.util.function.LongSupplier;

/**
 * Takes times and prints them, one line for each. Wall time is taken outermost, as the peers do. Each phase is first done
 * once cold, then often enough to be warm, then as often as is to be measured.
 */
final class Recorder {

    /** Something that is measured. */
    @FunctionalInterface
    interface Span {
        void run() throws Exception;
    }

    private static final long WARM_UP_NANOS = 5_000_000_000L;
    private static final int LEAST_WARM_UPS = 5;
    private static final int MOST_WARM_UPS = 3000;

    private final PrintStream out;
    private final int devices;
    private final int reps;
    private final LongSupplier cpu;

    /**
     * @param devices how many devices the tree has
     * @param reps how often each phase is measured warm
     * @param cpu CPU time of the process
     */
    Recorder(PrintStream out, int devices, int reps, LongSupplier cpu) {
        this.out = out;
        this.devices = devices;
        this.reps = reps;
        this.cpu = cpu;
    }

    /** Measures a phase: cold, then warm. */
    void phase(String name, Span prepare, Span span) throws Exception {
        prepare.run();
        once(name, "cold", 0, span);
        warm(name, prepare, span);
    }

    /** Measures a phase that was done cold, after a warm-up that has no result. */
    void warm(String name, Span prepare, Span span) throws Exception {
        long begun = System.nanoTime();
        for (int n = 0; n < LEAST_WARM_UPS || (n < MOST_WARM_UPS && System.nanoTime() - begun < WARM_UP_NANOS); n++) {
            prepare.run();
            span.run();
        }
        for (int rep = 1; rep <= reps; rep++) {
            prepare.run();
            once(name, "warm", rep, span);
        }
    }

    /** Measures something once. */
    void once(String name, String start, int rep, Span span) throws Exception {
        long wall = System.nanoTime();
        long busy = cpu.getAsLong();
        span.run();
        busy = cpu.getAsLong() - busy;
        wall = System.nanoTime() - wall;
        out.printf(
                "peer=busbar phase=%s start=%s devices=%d rep=%d wall_ns=%d cpu_ns=%d%n",
                name, start, devices, rep, wall, busy);
    }
}
