package org.busbar.core.internal.work;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.Lincheck;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario of a few threads again and again, each time with another interleaving of their steps, chosen by a model
 * checker. A scenario that blocks for ever fails, too. Within a scenario only {@link #require} may be used to check: the
 * model checker looks into everything that is called, and AssertJ's objects do not like that.
 */
public final class ModelCheck {

    /** Code of one thread. */
    public interface Body {
        void run() throws Exception;
    }

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private ModelCheck() {}

    /** A scenario: starts threads with {@link #start}, does its own part, and calls {@link #join} before it looks. */
    public interface Scenario {
        void run(ModelCheck threads) throws Exception;
    }

    /** Runs the scenario with up to this many interleavings. */
    public static void explore(int interleavings, Scenario scenario) {
        Lincheck.runConcurrentTest(interleavings, () -> {
            try {
                scenario.run(new ModelCheck());
            } catch (Exception failed) {
                throw new AssertionError(failed);
            }
        });
    }

    /** Starts a thread. */
    public void start(Body body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (Throwable failed) {
                failure.set(failed);
            }
        });
        threads.add(thread);
        thread.start();
    }

    /** Waits for the threads that were started, and fails if one of them has. */
    public void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        Throwable failed = failure.get();
        if (failed != null) {
            throw new AssertionError(failed);
        }
    }

    /** Fails unless this holds. */
    public static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
