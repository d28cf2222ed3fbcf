package org.busbar.shell.internal.words;

/** A command failed; the message, one line, says why and what to do. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandFailure(String message) {
        super(message);
    }

    public CommandFailure(String message, Throwable cause) {
        super(message, cause);
    }

    /** The message alone: it is what the console shows. */
    @Override
    @SuppressWarnings("OverrideThrowableToString") // the console prints this, and the class is of no interest there
    public String toString() {
        return String.valueOf(getMessage());
    }
}
