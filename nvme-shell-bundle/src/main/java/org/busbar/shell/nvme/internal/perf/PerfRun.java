package org.busbar.shell.nvme.internal.perf;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A run: its threads, from start to report. */
final class PerfRun {

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration START = Duration.ofSeconds(60);
    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Plan plan;
    private final Control control;
    private final List<Worker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    PerfRun(Plan plan) {
        this.plan = plan;
        int count = plan.options().threads();
        control = new Control(count, START);
        int run = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
        for (int i = 0; i < count; i++) {
            Worker worker = new Worker(plan, control, i, run);
            workers.add(worker);
            threads.add(Thread.ofPlatform()
                    .name("nvme-perf-" + i)
                    .daemon()
                    .unstarted(worker));
        }
    }

    /** Is told that a run has begun, and once a second how far it is. */
    @FunctionalInterface
    interface Progress {

        /** All threads have their queues, and begin. */
        default void begun() {}

        /**
         * Takes note of how far the run is.
         *
         * @param elapsed since the start
         * @param requests that have ended so far
         * @param errors those among them that failed
         */
        void tick(Duration elapsed, long requests, long errors);
    }

    /** Ends the run early, from any thread: what there is so far is reported. */
    void stop() {
        stopped = true;
        control.stop();
    }

    /** Runs to the end, or until it is stopped or the thread is interrupted. */
    Outcome run(Progress progress) {
        Duration processCpu = processCpu();
        threads.forEach(Thread::start);
        try {
            if (control.start()) {
                progress.begun();
                watch(progress);
            }
        } catch (InterruptedException e) {
            stop();
        }
        boolean ended = end();
        return outcome(stopped, ended, processCpu().minus(processCpu));
    }

    private void watch(Progress progress) throws InterruptedException {
        long start = System.nanoTime();
        while (!control.awaitEnd(TICK_NANOS)) {
            progress.tick(Duration.ofNanos(System.nanoTime() - start), seen(), seenErrors());
        }
    }

    /** Waits for the threads after a stop; those that wait for a device that does not answer are woken. */
    private boolean end() {
        try {
            if (control.awaitEnd(STOP_NANOS)) {
                return true;
            }
            threads.forEach(Thread::interrupt);
            return control.awaitEnd(STOP_NANOS);
        } catch (InterruptedException e) { // a second Ctrl-C: no more patience
            threads.forEach(Thread::interrupt);
            return false;
        }
    }

    private Outcome outcome(boolean interrupted, boolean ended, Duration processCpu) {
        Tally total = new Tally();
        long start = Long.MAX_VALUE;
        long end = Long.MIN_VALUE;
        if (ended) { // before, the tallies are the threads' own
            for (Worker worker : workers) {
                total.add(worker.tally());
                if (worker.endedAt() != worker.startedAt()) {
                    start = Math.min(start, worker.startedAt());
                    end = Math.max(end, worker.endedAt());
                }
            }
        }
        @Nullable
        String failure = ended ? control.failure() : "some threads have not ended: the device hangs";
        return new Outcome(
                plan,
                total,
                Duration.ofNanos(end > start ? end - start : 0),
                processCpu,
                interrupted,
                Optional.ofNullable(failure));
    }

    private long seen() {
        return workers.stream().mapToLong(worker -> worker.tally().seen()).sum();
    }

    private long seenErrors() {
        return workers.stream().mapToLong(worker -> worker.tally().seenErrors()).sum();
    }

    private static Duration processCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }
}
