package org.busbar.device;

/** Why a binding ends. Told to the driver in {@link DriverBinding#close}. */
public enum RemovalReason {
    /** The device is not there any more. No register may be touched; requests fail with {@link DeviceGoneException}. */
    SURPRISE(true, "the device is gone"),
    /** The device is going to be taken out, and whoever takes it out waits until it is given up. */
    EJECT(false, "the device is being taken out"),
    /** The driver's service is being unregistered: its bundle stops, is updated or uninstalled. */
    DRIVER_LEFT(false, "the driver is leaving"),
    /** An operator detached the device. */
    DETACH(false, "detached by an operator"),
    /** An operator took the device from this driver. */
    UNBIND(false, "unbound by an operator"),
    /** Policy no longer allows this device or this driver for it. */
    POLICY(false, "no longer allowed by policy"),
    /** A driver that fits better takes over, as the rebind policy allows. */
    REBIND(false, "a better driver takes over"),
    /** The driver reported that it cannot go on, or missed a deadline. */
    FAILURE(false, "the driver failed"),
    /** The runtime stops. */
    SHUTDOWN(false, "the runtime stops");

    private final boolean surprise;
    private final String text;

    RemovalReason(boolean surprise, String text) {
        this.surprise = surprise;
        this.text = text;
    }

    /** Returns whether the device is already gone, so that there is nothing left to talk to. */
    public boolean isSurprise() {
        return surprise;
    }

    /** Returns the reason in words, fit for the end of a sentence. */
    public String text() {
        return text;
    }
}
