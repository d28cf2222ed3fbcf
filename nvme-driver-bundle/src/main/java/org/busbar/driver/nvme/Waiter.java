package org.busbar.driver.nvme;

import java.util.concurrent.TimeUnit;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;

/**
 * How a queue's owner waits for completions: by looking, by sleeping until the interrupt, or by looking for about as long
 * as completions lately took and then sleeping. For one thread at a time.
 */
final class Waiter {

    /** Looking longer than this costs more than a sleep does. */
    private static final long MAX_SPIN = TimeUnit.MICROSECONDS.toNanos(50);

    private static final long HEALTH_INTERVAL = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * Looks between two looks at the clock, which may be slow. A pause after each look would cost more than the look, and
     * under emulation far more: there it leaves the emulated processor.
     */
    private static final int SPINS = 256;

    private static final int WAITS_BETWEEN_TRIES = 64;

    private final Signal signal;
    private final QueueOptions.Waiting waiting;
    private final long patience;
    private long typical = MAX_SPIN / 4;
    private int waits;
    /** Lives on from wait to wait: with many short ones it comes as often as with a long one. */
    private long nextCheck = System.nanoTime() + HEALTH_INTERVAL;

    Waiter(Signal signal, QueueOptions.Waiting waiting, boolean hasInterrupt) {
        this.signal = signal;
        this.waiting = waiting;
        this.patience = Signal.patience(hasInterrupt);
    }

    void await(CommandQueue commands, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        if (commands.isPollDue()) {
            return;
        }
        if (waiting == QueueOptions.Waiting.POLL) {
            poll(commands, deadline);
        } else {
            adapt(commands, deadline);
        }
    }

    /** Reads the clock only when many looks were in vain: a reading at each end would be a tenth of a short wait. */
    private void poll(CommandQueue commands, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        while (!look(commands)) {
            Thread.onSpinWait();
            require(commands, deadline);
            checkHealth(commands, System.nanoTime());
        }
    }

    private void adapt(CommandQueue commands, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        long start = System.nanoTime();
        if (!spin(commands, start, deadline)) {
            sleep(commands, deadline);
        }
        // An average over about eight waits; one that took very long does not put looking out of use for long.
        long took = Math.min(System.nanoTime() - start, 8 * MAX_SPIN);
        typical += (took - typical) / 8;
    }

    private boolean spin(CommandQueue commands, long start, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        long limit = waiting == QueueOptions.Waiting.ADAPTIVE ? adapted() : 0;
        for (long now = start; now - start < limit; now = System.nanoTime()) {
            if (look(commands)) {
                return true;
            }
            Thread.onSpinWait();
            require(commands, deadline);
            checkHealth(commands, now);
        }
        return false;
    }

    private static boolean look(CommandQueue commands) {
        for (int i = 0; i < SPINS; i++) {
            if (commands.isPollDue()) {
                return true;
            }
        }
        return false;
    }

    /** Where looking does not pay it is tried again now and then: the device may have become faster. */
    private long adapted() {
        waits++;
        return typical > MAX_SPIN && waits % WAITS_BETWEEN_TRIES != 0 ? 0 : Math.min(2 * typical, MAX_SPIN);
    }

    private void sleep(CommandQueue commands, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        commands.acknowledge();
        while (!commands.isPollDue()) {
            require(commands, deadline);
            signal.await(Math.min(deadline.remainingNanos(), patience));
            checkHealth(commands, System.nanoTime());
        }
    }

    /** The queue is being closed. */
    void close() {
        signal.close();
    }

    private void checkHealth(CommandQueue commands, long now) {
        if (now - nextCheck > 0) {
            nextCheck = now + HEALTH_INTERVAL;
            commands.checkHealth();
        }
    }

    private static void require(CommandQueue commands, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        commands.requirePresent();
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while waiting for a block queue");
        }
        if (deadline.expired()) {
            throw new DeviceTimeoutException(
                    "timed out waiting for one of " + commands.inFlight() + " requests in flight");
        }
    }
}
