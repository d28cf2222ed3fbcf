package org.busbar.core.internal.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.busbar.core.internal.work.Tasks;
import org.busbar.core.internal.work.Worker;

/**
 * Everything on one thread: messages, tasks and time wait until they are stepped, in an order that a seed decides. A task
 * that is not stepped for long is, to the engine, one that hangs.
 */
final class Simulation {

    final ManualScheduler time = new ManualScheduler();
    final FakeServices services = new FakeServices();
    private final ArrayDeque<Runnable> messages = new ArrayDeque<>();
    private final List<Runnable> tasks = new ArrayList<>();
    private final Random random;
    private boolean stopping;

    Simulation(Random random) {
        this.random = random;
    }

    Environment environment() {
        return new Environment(
                new Worker() {
                    @Override
                    public boolean post(Runnable message) {
                        return !stopping && messages.add(message);
                    }

                    @Override
                    public boolean isCurrent() {
                        return true;
                    }

                    @Override
                    public void stop() {
                        stopping = true;
                    }
                },
                time,
                this::start,
                services);
    }

    private Tasks.Task start(String name, Runnable body) {
        if (name.endsWith("-revoke")) {
            body.run(); // callers wait for these
        } else {
            tasks.add(body);
        }
        return new Tasks.Task() {
            @Override
            public void interrupt() {}

            @Override
            public StackTraceElement[] stack() {
                return new StackTraceElement[0];
            }
        };
    }

    /** Runs one message or one task, if there is one. */
    boolean step() {
        int choices = (messages.isEmpty() ? 0 : 1) + tasks.size();
        if (choices == 0) {
            return false;
        }
        int choice = random.nextInt(choices);
        if (choice < tasks.size()) {
            tasks.remove(choice).run();
        } else {
            messages.poll().run();
        }
        return true;
    }

    /** Runs messages and tasks until there are none. */
    void drain() {
        int steps = 0;
        while (step()) {
            if (++steps > 100_000) {
                throw new AssertionError("the engine does not come to rest");
            }
        }
    }

    /** Runs everything, and lets the next so many timers go off. */
    void drain(int timers) {
        drain();
        for (int i = 0; i < timers && time.advanceToNext(); i++) {
            drain();
        }
    }

    void advance(Duration duration) {
        time.advance(duration);
    }
}
