package org.busbar.device;

/**
 * A probe failed. The core tries again with growing delays and, after the number of attempts that the policy gives,
 * quarantines the pair of device and driver until something changes.
 */
public class ProbeException extends Exception {
    private static final long serialVersionUID = 1L;

    public ProbeException(String message) {
        super(message);
    }

    public ProbeException(String message, Throwable cause) {
        super(message, cause);
    }
}
