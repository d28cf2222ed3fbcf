package org.busbar.nvme;

import java.time.Instant;

/**
 * Something that happened to a controller.
 *
 * @param time when it was noticed
 * @param controller the controller's name
 * @param kind what
 * @param nsid the namespace concerned, 0 if none
 * @param text the details in words
 */
public record NvmeEvent(Instant time, String controller, Kind kind, int nsid, String text) {

    /** What happened. */
    public enum Kind {
        /** A namespace has become active; its block device is there, or the text says why not. */
        NAMESPACE_ADDED,
        /** A namespace has another size or format; its block device has changed or been replaced. */
        NAMESPACE_CHANGED,
        /** A namespace is not active any more; its block device is gone. */
        NAMESPACE_REMOVED,
        /** The controller warns of its health: spare, temperature, reliability, read-only, backup (section 5.14.1.2). */
        HEALTH,
        /** The controller reports an error of its own (section 5.2, type 0); the text has the newest entry of its log. */
        ERROR,
        /** New firmware is about to be activated; the controller may pause. */
        FIRMWARE,
        /** An asynchronous event that is none of the above, with its numbers. */
        OTHER,
        /** A command went unanswered and an abort was sent. */
        ABORT,
        /** The controller is being reset; the text says why. */
        RESET_STARTED,
        /** It is up again. */
        RESET_DONE,
        /** It could not be brought up again; the binding fails. */
        RESET_FAILED
    }
}
