package org.busbar.emulator.internal.model;

import org.jspecify.annotations.Nullable;

/**
 * Makes the threads of cards. What such a thread runs is let go of when it begins: a thread that has ended still holds
 * what it was made to run, and may be held itself, because Felix 7.0.5 never forgets a thread that has lost a race for
 * loading a class. With it would stay the model, or the driver that takes its interrupts.
 */
public final class CardThread implements Runnable {

    private @Nullable Runnable body;

    private CardThread(Runnable body) {
        this.body = body;
    }

    /** Makes a thread that does not keep the process alive. It inherits nothing from whoever makes it. */
    public static Thread unstarted(String name, Runnable body) {
        Thread thread = Thread.ofPlatform()
                .name(name)
                .daemon()
                .inheritInheritableThreadLocals(false)
                .unstarted(new CardThread(body));
        thread.setContextClassLoader(null);
        return thread;
    }

    @Override
    public void run() {
        Runnable once = body;
        body = null;
        if (once != null) {
            once.run();
        }
    }
}
