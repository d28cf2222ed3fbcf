package org.busbar.pci.internal;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Threads that hold nothing once they have ended. A thread keeps what it was made to run, and may be kept itself: Felix
 * 7.0.5 never forgets one that has lost a race for loading a class. With it would stay the host, or the driver, that it
 * worked for.
 */
public final class Daemons {

    private Daemons() {}

    /** Makes a daemon thread; it has no context class loader. */
    public static Thread unstarted(String name, Runnable body) {
        AtomicReference<@Nullable Runnable> held = new AtomicReference<>(body);
        Thread thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> {
            Runnable once = held.getAndSet(null);
            if (once != null) {
                once.run();
            }
        });
        thread.setContextClassLoader(null);
        return thread;
    }
}
