package org.busbar.core.internal.engine;

/** Runs something once a number of things have happened. */
final class Countdown {

    private final Runnable then;
    private int left;

    Countdown(int count, Runnable then) {
        this.left = count;
        this.then = then;
    }

    /** One thing has happened. Called on the worker. */
    void hit() {
        if (--left == 0) {
            then.run();
        }
    }
}
