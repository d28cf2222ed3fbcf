package org.busbar.driver.support;

import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.net.PortQueueOptions.Waiting;

/**
 * How a queue's owner waits for frames: by looking, by sleeping until the interrupt, or by looking for about as long as
 * frames lately were apart and then sleeping. For one thread at a time; allocates nothing after construction.
 */
public final class Waiter {

    /** Looking longer than this costs more than a sleep does. */
    private static final long MAX_SPIN = TimeUnit.MICROSECONDS.toNanos(50);

    /** The longest that a sleeper relies on the interrupt alone before it looks for itself. */
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(50);

    /** The same where there is no interrupt. */
    private static final long LOOKING = TimeUnit.MICROSECONDS.toNanos(50);

    private static final long HEALTH_INTERVAL = TimeUnit.MILLISECONDS.toNanos(50);

    /** Looks between two looks at the clock. */
    private static final int SPINS = 32;

    private static final int WAITS_BETWEEN_TRIES = 64;

    private final Source source;
    private final Signal signal;
    private final Waiting waiting;
    private final long patience;
    private long typical = MAX_SPIN / 4;
    private int waits;
    /** Lives on from wait to wait: with many short ones it comes as often as with a long one. */
    private long nextCheck = System.nanoTime() + HEALTH_INTERVAL;

    /** Where frames come from. Its methods are called by the waiting thread, and may fail if the device is gone. */
    public interface Source {

        /** Returns whether there is a frame. */
        boolean ready();

        /** Lets the device have buffers that have come back meanwhile. */
        void post();

        /** Asks for an interrupt at the next frame, of which there may be one already: look again. */
        void arm();

        /** Asks for no interrupts. */
        void silence();

        /** Fails if the queue is closed or the device gone. */
        void requirePresent();

        /** Has the device looked at. */
        void checkHealth();
    }

    /**
     * @param signal raised by the interrupt
     * @param hasInterrupt whether there is one
     */
    public Waiter(Source source, Signal signal, Waiting waiting, boolean hasInterrupt) {
        this.source = source;
        this.signal = signal;
        this.waiting = waiting;
        patience = hasInterrupt ? PATIENCE : LOOKING;
    }

    /** Waits for a frame; returns whether there is one. */
    public boolean await(Deadline deadline) throws InterruptedException {
        source.requirePresent();
        if (source.ready()) {
            return true;
        }
        source.post();
        long start = System.nanoTime();
        long spin = switch (waiting) {
            case POLL -> Long.MAX_VALUE;
            case ADAPTIVE -> adapted();
            case INTERRUPT -> 0;
        };
        boolean ready = spin(start, spin, deadline) || (waiting != Waiting.POLL && sleep(deadline));
        // An average over about eight waits; one that took very long does not put looking out of use for long.
        long took = Math.min(System.nanoTime() - start, 8 * MAX_SPIN);
        typical += (took - typical) / 8;
        return ready;
    }

    private boolean spin(long start, long limit, Deadline deadline) throws InterruptedException {
        for (long now = start; now - start < limit && !deadline.expired(); now = System.nanoTime()) {
            for (int i = 0; i < SPINS; i++) {
                if (source.ready()) {
                    return true;
                }
                Thread.onSpinWait();
            }
            requirePresent();
            checkHealth(now);
        }
        return false;
    }

    /** Where looking does not pay it is tried again now and then: frames may come faster than they did. */
    private long adapted() {
        waits++;
        return typical > MAX_SPIN && waits % WAITS_BETWEEN_TRIES != 0 ? 0 : Math.min(2 * typical, MAX_SPIN);
    }

    private boolean sleep(Deadline deadline) throws InterruptedException {
        while (true) {
            source.arm();
            if (source.ready()) {
                source.silence();
                return true;
            }
            long left = deadline.remainingNanos();
            if (left <= 0) {
                source.silence();
                return false;
            }
            signal.await(Math.min(left, patience));
            requirePresent();
            source.post();
            checkHealth(System.nanoTime());
        }
    }

    private void requirePresent() throws InterruptedException {
        source.requirePresent();
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while waiting for frames");
        }
    }

    private void checkHealth(long now) {
        if (now - nextCheck > 0) {
            nextCheck = now + HEALTH_INTERVAL;
            source.checkHealth();
        }
    }
}
