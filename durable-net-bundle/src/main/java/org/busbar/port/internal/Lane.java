package org.busbar.port.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.busbar.device.DeviceTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Does what is asked of a driver one thing after the other, without a lock and with a deadline for those who wait. Each driver
 * that comes has a lane of its own: one that hangs holds up nobody behind it.
 */
final class Lane {

    private final Executor tasks;
    private final Consumer<Throwable> defects;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean busy;

    /** @param defects is told what is thrown by something that nobody waits for */
    Lane(Executor tasks, Consumer<Throwable> defects) {
        this.tasks = tasks;
        this.defects = defects;
    }

    /** Has something done, soon. Whatever it throws, what is behind it is done as well. */
    void submit(Runnable action) {
        synchronized (waiting) {
            waiting.add(action);
            if (busy) {
                return;
            }
            busy = true;
        }
        tasks.execute(this::work);
    }

    private void work() {
        for (Runnable next = next(); next != null; next = next()) {
            try {
                next.run();
            } catch (RuntimeException | Error defect) {
                defects.accept(defect);
            }
        }
    }

    private @Nullable Runnable next() {
        synchronized (waiting) {
            Runnable next = waiting.poll();
            busy = next != null;
            return next;
        }
    }

    /**
     * Has something done and waits for it; what it throws is thrown.
     *
     * @param what for messages
     * @throws DeviceTimeoutException if it takes longer than the patience; it may still be done then
     */
    <T> T call(String what, Duration patience, Callable<T> action)
            throws IOException, DeviceTimeoutException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(action);
        submit(task);
        try {
            return task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new DeviceTimeoutException(
                    what + ": the driver has not answered in " + patience.toMillis() + " ms");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            switch (cause) {
                case IOException failure -> throw failure;
                case DeviceTimeoutException failure -> throw failure;
                case InterruptedException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(what + " failed", cause);
            }
        }
    }
}
