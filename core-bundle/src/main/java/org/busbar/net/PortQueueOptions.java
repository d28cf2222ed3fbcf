package org.busbar.net;

import org.jspecify.annotations.Nullable;

/**
 * How a queue pair is to be.
 *
 * @param waiting how {@link PortQueue#awaitReceive} waits
 * @param pool where the queue has its packets from; null for one of its own
 */
public record PortQueueOptions(Waiting waiting, @Nullable PacketPool pool) {

    /** How a queue's owner waits. */
    public enum Waiting {
        /** By looking again and again: least latency, one processor busy, no interrupts. */
        POLL,
        /** By looking for as long as frames lately were apart, and only then sleeping until the interrupt. */
        ADAPTIVE,
        /** By sleeping until the interrupt. */
        INTERRUPT
    }

    /** Adaptive, with a pool of its own. */
    public static final PortQueueOptions DEFAULT = new PortQueueOptions(Waiting.ADAPTIVE, null);

    /** Returns these options with another way of waiting. */
    public PortQueueOptions withWaiting(Waiting other) {
        return new PortQueueOptions(other, pool);
    }

    /** Returns these options with another pool. */
    public PortQueueOptions withPool(@Nullable PacketPool other) {
        return new PortQueueOptions(waiting, other);
    }
}
