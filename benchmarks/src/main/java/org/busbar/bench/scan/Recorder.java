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

    /** Measures a phase: cold, {@code warmUps} times without a result, and warm. */
    void phase(String name, int warmUps, Span prepare, Span span) throws Exception {
        prepare.run();
        once(name, "cold", 0, span);
        for (int i = 0; i < warmUps; i++) {
            prepare.run();
            span.run();
        }
        warm(name, prepare, span);
    }

    /** Measures a phase that is warm already. */
    void warm(String name, Span prepare, Span span) throws Exception {
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
