package org.busbar.net.tap;

import java.io.IOException;

/** A TAP interface cannot be had, set or used. The message says why and what to do. */
public final class TapException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Why. */
    public enum Reason {
        /** The kernel has no TAP interfaces, or they are not to be reached. */
        NOT_AVAILABLE,
        /** The process may not do it. */
        NOT_PERMITTED,
        /** Somebody else has the interface. */
        BUSY,
        /** An interface of that name is something else. */
        OTHER_KIND,
        /** The kernel refuses for another reason, or fails. */
        FAILED
    }

    public TapException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public TapException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Returns why. */
    public Reason reason() {
        return reason;
    }
}
