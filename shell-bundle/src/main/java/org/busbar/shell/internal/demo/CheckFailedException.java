package org.busbar.shell.internal.demo;

/** Something is not as it should be; the message says what. */
final class CheckFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    CheckFailedException(String message) {
        super(message);
    }
}
