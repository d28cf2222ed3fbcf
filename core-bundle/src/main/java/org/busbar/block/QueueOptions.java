package org.busbar.block;

import java.time.Duration;

/**
 * How a queue is to be.
 *
 * @param depth how many requests may be in flight at once, at least 1
 * @param timeout after how long a request that is not answered is aborted, and then the device reset; zero for what the
 *     driver's configuration says
 * @param waiting how {@link BlockQueue#await} waits
 */
public record QueueOptions(int depth, Duration timeout, Waiting waiting) {

    /** How a queue's owner waits. */
    public enum Waiting {
        /** By looking again and again: least latency, one processor busy, no interrupts. */
        POLL,
        /** By looking for as long as requests lately took, and only then sleeping until the interrupt. */
        ADAPTIVE,
        /** By sleeping until the interrupt. */
        INTERRUPT
    }

    public QueueOptions {
        if (depth < 1 || timeout.isNegative()) {
            throw new IllegalArgumentException(
                    "a queue is at least 1 deep and its timeout not negative, not " + depth + " and " + timeout);
        }
    }

    /** Returns options for a queue of that depth, adaptive, with the driver's timeout. */
    public static QueueOptions depth(int depth) {
        return new QueueOptions(depth, Duration.ZERO, Waiting.ADAPTIVE);
    }

    /** Returns these options with another timeout. */
    public QueueOptions withTimeout(Duration other) {
        return new QueueOptions(depth, other, waiting);
    }

    /** Returns these options with another way of waiting. */
    public QueueOptions withWaiting(Waiting other) {
        return new QueueOptions(depth, timeout, other);
    }
}
