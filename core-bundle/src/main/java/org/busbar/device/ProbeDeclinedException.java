package org.busbar.device;

/**
 * The driver has looked at the device and does not drive this one. Not a failure: the next driver that matches is tried
 * at once, and this pair not again until the device or the driver is replaced.
 */
public class ProbeDeclinedException extends ProbeException {
    private static final long serialVersionUID = 1L;

    public ProbeDeclinedException(String message) {
        super(message);
    }
}
