package org.busbar.pci.internal.vfio;

import org.busbar.device.DeviceGoneException;

/** Whether a function may still be accessed. Once revoked, it stays so. */
public final class Revocation {

    private final String address;
    private volatile boolean revoked;

    public Revocation(String address) {
        this.address = address;
    }

    public void revoke() {
        revoked = true;
    }

    public boolean isRevoked() {
        return revoked;
    }

    /** Throws if the function may not be accessed any more. */
    public void check() {
        if (revoked) {
            throw new DeviceGoneException(address + " is gone or was taken away");
        }
    }

    /** Returns what to throw when an access failed. */
    public DeviceGoneException gone(Throwable cause) {
        return new DeviceGoneException(address + (revoked ? " is gone or was taken away" : " does not answer"), cause);
    }
}
