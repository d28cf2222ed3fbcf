package org.busbar.nvme;

import java.io.IOException;

/** The controller ended a command with an error, or never got to it; {@link #status} says which error. */
public class NvmeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient NvmeStatus status;

    /**
     * @param command the command's name, as the beginning of the message
     * @param status what the controller answered; path related {@code 3/71h} if the host gave the command up
     */
    public NvmeException(String command, NvmeStatus status) {
        super(command + " failed: " + status);
        this.status = status;
    }

    /**
     * For what the host finds wrong with an answer, or could not ask.
     *
     * @param status path related {@code 3/70h}, as a rule
     * @param message all there is to say
     */
    public NvmeException(NvmeStatus status, String message) {
        super(message);
        this.status = status;
    }

    /** Returns what the controller answered. */
    public NvmeStatus status() {
        return status;
    }
}
