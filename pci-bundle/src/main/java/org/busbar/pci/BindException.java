package org.busbar.pci;

/** A driver could not be bound to a device. */
public class BindException extends Exception {
    private static final long serialVersionUID = 1L;

    public BindException(String message, Throwable cause) {
        super(message, cause);
    }
}
