package org.busbar.itest.felix;

import java.util.concurrent.atomic.AtomicReference;

/** Makes the threads of loads. One that has ended may be held by the framework, and must not hold a device then. */
final class LoadThread {

    private LoadThread() {}

    static Thread unstarted(String name, Runnable body) {
        AtomicReference<Runnable> held = new AtomicReference<>(body);
        return Thread.ofPlatform().daemon().name(name).unstarted(() -> held.getAndSet(null).run());
    }
}
