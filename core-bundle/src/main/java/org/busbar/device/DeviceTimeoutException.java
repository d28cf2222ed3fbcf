package org.busbar.device;

/** A device did not do in time what it should have done. The message names what was waited for. */
public class DeviceTimeoutException extends Exception {
    private static final long serialVersionUID = 1L;

    public DeviceTimeoutException(String message) {
        super(message);
    }
}
