package org.busbar.core.internal.work;

import org.jspecify.annotations.Nullable;

/**
 * Runs its body once and lets go of it before. A thread that has ended still holds what it was made to run, and may be
 * held itself: Felix 7.0.5 never forgets a thread that has lost a race for loading a class. With it would stay the
 * driver that the thread worked for.
 */
public final class Forgetful implements Runnable {

    private @Nullable Runnable body;

    public Forgetful(Runnable body) {
        this.body = body;
    }

    /** Runs the body; later calls do nothing. */
    @Override
    public void run() {
        Runnable once = body;
        body = null;
        if (once != null) {
            once.run();
        }
    }
}
