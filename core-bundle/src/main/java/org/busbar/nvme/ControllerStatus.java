package org.busbar.nvme;

import java.time.Instant;

/**
 * What the driver is doing with a controller.
 *
 * @param state where it stands
 * @param since since when
 * @param reason why, in words
 * @param ioQueues I/O queue pairs that the controller grants
 * @param ioQueuesOpen how many of them exist
 * @param interruptVectors interrupt vectors in use, 0 if the driver polls
 * @param resets how often the controller was reset, since it was bound
 * @param aborts how many commands were aborted because they went unanswered
 * @param strayCompletions how many completions were for no command in flight
 * @param events how many asynchronous events it has sent
 */
public record ControllerStatus(
        State state,
        Instant since,
        String reason,
        int ioQueues,
        int ioQueuesOpen,
        int interruptVectors,
        long resets,
        long aborts,
        long strayCompletions,
        long events) {

    /** Where a controller stands. */
    public enum State {
        /** It takes commands. */
        READY,
        /** It is being reset and started again; commands wait. */
        RESETTING,
        /** It could not be started again: the binding ends. */
        FAILED,
        /** It takes no new commands because it is being given up. */
        CLOSING,
        /** It is gone or given up. */
        GONE
    }
}
