package org.busbar.pci.host;

import java.io.IOException;

/** A function could not be opened. The message says why and what to do about it. */
public class OpenException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /**
     * @param reason what kind of obstacle it is
     * @param message why, and what to do about it
     */
    public OpenException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /**
     * @param reason what kind of obstacle it is
     * @param message why, and what to do about it
     * @param cause what the host said
     */
    public OpenException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Returns what kind of obstacle it is. */
    public Reason reason() {
        return reason;
    }

    /** What kind of obstacle it is. */
    public enum Reason {
        /** The function is not there any more. */
        GONE,
        /** Somebody else has it. */
        BUSY,
        /** The rules do not allow it. */
        NOT_CLAIMED,
        /** This process may not. */
        PERMISSION,
        /** The machine has no IOMMU, or it is off. */
        NO_IOMMU,
        /** The IOMMU group has a function that a kernel driver owns. */
        GROUP_SHARED,
        /** A limit of this process is too low. */
        LIMIT,
        /** Anything else. */
        FAILED
    }
}
