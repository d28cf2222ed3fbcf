package org.busbar.core.internal.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;

/** Calls to the worker that wait for an answer. The worker runs no foreign code that blocks, so answers come soon. */
final class WorkerCalls {

    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final Engine engine;

    WorkerCalls(Engine engine) {
        this.engine = engine;
    }

    /** Has the worker compute something. */
    <T> T call(Supplier<T> question) {
        if (engine.state().env.worker().isCurrent()) {
            return question.get();
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        boolean open = engine.post(() -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException | Error failure) {
                answer.completeExceptionally(failure);
            }
        });
        if (!open) {
            return question.get(); // the session has ended: nothing changes any more
        }
        if (!await(answer, ANSWER)) {
            throw new IllegalStateException("the worker of bus " + engine.state().bus + " does not answer");
        }
        try {
            return answer.getNow(null);
        } catch (CompletionException failed) {
            switch (failed.getCause()) {
                case IllegalArgumentException invalid ->
                    throw new IllegalArgumentException(invalid.getMessage(), invalid);
                case null, default -> throw failed;
            }
        }
    }

    /** Has the worker register a waiter and waits for it. */
    void settle(Consumer<Runnable> register, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        CompletableFuture<Void> settled = new CompletableFuture<>();
        if (!engine.post(() -> register.accept(() -> settled.complete(null)))) {
            return;
        }
        try {
            settled.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            DeviceTimeoutException timeout = new DeviceTimeoutException("timed out waiting for bus "
                    + engine.state().bus + " to settle; on its way: " + call(engine::underWay));
            timeout.initCause(late);
            throw timeout;
        } catch (ExecutionException never) {
            throw new IllegalStateException(never);
        }
    }

    /** Waits, whether interrupted or not: what is waited for has deadlines of its own. Returns whether it has come. */
    static boolean await(CompletableFuture<?> future, Duration limit) {
        Deadline deadline = Deadline.after(limit);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    future.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
                    return true;
                } catch (InterruptedException again) {
                    interrupted = true;
                } catch (ExecutionException failed) {
                    return true;
                } catch (TimeoutException late) {
                    return false;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
