package org.busbar.pci.internal.sys;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file descriptor and its one owner. Closing is idempotent; who closes it makes sure first that no thread is in
 * a call with it, because the number may be given out again at once.
 */
public final class Fd implements AutoCloseable {

    private final AtomicInteger number;
    private final String name;

    /**
     * @param number the descriptor, not negative
     * @param name what is open, for messages
     */
    public Fd(int number, String name) {
        if (number < 0) {
            throw new IllegalArgumentException("no file descriptor: " + number);
        }
        this.number = new AtomicInteger(number);
        this.name = name;
    }

    /**
     * Returns the number.
     *
     * @throws IllegalStateException if it is closed
     */
    public int number() {
        int n = number.get();
        if (n < 0) {
            throw new IllegalStateException(name + " is closed");
        }
        return n;
    }

    /** Returns what is open. */
    public String name() {
        return name;
    }

    /** Returns whether it is still open. */
    public boolean isOpen() {
        return number.get() >= 0;
    }

    /**
     * Returns the number and owns it no longer.
     *
     * @throws IllegalStateException if it is closed
     */
    int release() {
        int n = number.getAndSet(-1);
        if (n < 0) {
            throw new IllegalStateException(name + " is closed");
        }
        return n;
    }

    @Override
    public void close() {
        int n = number.getAndSet(-1);
        if (n >= 0) {
            // The result is of no use: on Linux the descriptor is gone whatever close returns.
            var ignored = FileCalls.close(n);
        }
    }

    @Override
    public String toString() {
        return name + " (fd " + number.get() + ")";
    }
}
