package org.busbar.core.internal.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.busbar.core.internal.scope.DriverCode;
import org.busbar.core.internal.work.Scheduler;
import org.busbar.core.internal.work.Tasks;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call into foreign code, on a thread of its own, watched by the worker. When the deadline passes the thread is
 * interrupted; if that does not help within a grace period the step is abandoned and the worker goes on without it. All
 * methods are called on the worker; the body runs on the step's thread.
 */
final class Step<T> {

    private enum State {
        RUNNING,
        DONE,
        ABANDONED
    }

    /**
     * What to do with the outcome.
     *
     * @param done the body has returned; on the worker
     * @param overdue the deadline has passed; on the worker, with the stack as it is then
     * @param abandoned nobody waits any longer; on the worker
     * @param late the body has returned after all; on the step's thread
     */
    record Outcomes<T>(
            Consumer<T> done, Consumer<StackTraceElement[]> overdue, Runnable abandoned, Consumer<T> late) {}

    private static final Logger LOG = LoggerFactory.getLogger(Step.class);

    private final Environment env;
    private final Outcomes<T> outcomes;
    private final Duration grace;
    private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
    private Tasks.@Nullable Task task;
    private Scheduler.@Nullable Timer timer;
    private boolean cancelled;
    private boolean overdue;

    private Step(Environment env, Outcomes<T> outcomes, Duration grace) {
        this.env = env;
        this.outcomes = outcomes;
        this.grace = grace;
    }

    /**
     * Starts a step.
     *
     * @param body must not throw; it is given a check whether somebody still waits for it
     */
    static <T> Step<T> start(
            Environment env,
            String threadName,
            long driver,
            Duration limit,
            Duration grace,
            Function<BooleanSupplier, T> body,
            Outcomes<T> outcomes) {
        Step<T> step = new Step<>(env, outcomes, grace);
        step.arm(limit);
        try {
            step.task = env.tasks().start(threadName, () -> DriverCode.run(driver, () -> step.run(body)));
        } catch (Throwable noThread) { // out of memory for threads: this device's step fails, not the bus
            LOG.error("no thread can be started for {}", threadName, noThread);
            env.worker().post(() -> {
                outcomes.overdue().accept(noThread.getStackTrace());
                step.abandon();
            });
        }
        return step;
    }

    private void run(Function<BooleanSupplier, T> body) {
        T result = body.apply(() -> state.get() == State.RUNNING);
        if (state.compareAndSet(State.RUNNING, State.DONE)) {
            env.worker().post(() -> {
                disarm();
                outcomes.done().accept(result);
            });
        } else {
            outcomes.late().accept(result);
        }
    }

    /** Interrupts the step and gives it this much time to end. */
    void cancel(Duration limit) {
        if (state.get() == State.RUNNING && task != null) {
            task.interrupt();
            if (!cancelled && !overdue) {
                cancelled = true;
                arm(limit);
            }
        }
    }

    private void arm(Duration limit) {
        disarm();
        timer = env.scheduler().schedule(limit.toNanos(), () -> env.worker().post(this::expired));
    }

    private void disarm() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void expired() {
        if (state.get() != State.RUNNING || task == null) {
            return;
        }
        if (overdue) {
            abandon();
            return;
        }
        overdue = true;
        outcomes.overdue().accept(task.stack());
        task.interrupt();
        if (cancelled) {
            abandon(); // it has had its interrupt, and time to heed it
        } else {
            arm(grace);
        }
    }

    private void abandon() {
        if (state.compareAndSet(State.RUNNING, State.ABANDONED)) {
            disarm();
            outcomes.abandoned().run();
        }
    }
}
