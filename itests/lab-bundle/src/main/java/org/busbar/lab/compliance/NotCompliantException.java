package org.busbar.lab.compliance;

/** The controller does something else than the specification says. */
final class NotCompliantException extends Exception {
    private static final long serialVersionUID = 1L;

    NotCompliantException(String message) {
        super(message);
    }
}
