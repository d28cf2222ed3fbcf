package org.busbar.net.tap;

import org.osgi.annotation.versioning.ProviderType;

/** Opens TAP interfaces. An OSGi service, where the machine's kernel is Linux. Thread-safe. */
@ProviderType
public interface TapDevices {

    /**
     * Opens a TAP interface, and makes it if it is not there; then it is gone again once it is closed. One that was made by
     * {@code ip tuntap add dev NAME mode tap user USER} stays, and its user needs no privilege to open it.
     *
     * @param name of the interface, 1 to 15 printable characters without space, {@code /}, {@code :} and {@code %}
     * @throws IllegalArgumentException if the name is none
     * @throws TapException if that is not possible; the message says why and what to do
     */
    TapDevice open(String name) throws TapException;
}
