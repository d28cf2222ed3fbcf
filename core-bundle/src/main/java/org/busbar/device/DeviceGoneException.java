package org.busbar.device;

/**
 * The device is not there any more, or no longer this driver's: every access through a revoked grant and every request
 * that was in flight ends with it.
 */
public class DeviceGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceGoneException(String message) {
        super(message);
    }

    public DeviceGoneException(String message, Throwable cause) {
        super(message, cause);
    }
}
