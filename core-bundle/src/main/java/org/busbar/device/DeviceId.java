package org.busbar.device;

import java.util.Objects;

/**
 * The identity of one device: where it is, and which of the devices that have been there it is.
 *
 * <p>A card that is swapped in the same slot keeps the address and gets a new generation, so a {@code DeviceId} never
 * names two different pieces of hardware.
 *
 * @param bus name of the bus, for example {@code pci}
 * @param address the device's address in the bus's own notation, for example {@code 0000:02:00.0}
 * @param generation counts up for every device that appears on the bus while the runtime lives; at least 1
 */
public record DeviceId(String bus, String address, long generation) {

    public DeviceId {
        Objects.requireNonNull(bus, "bus");
        Objects.requireNonNull(address, "address");
        if (generation < 1) {
            throw new IllegalArgumentException("a generation counts from 1, got " + generation);
        }
    }

    /** Returns {@code address#generation}, the form used in logs. */
    @Override
    public String toString() {
        return address + "#" + generation;
    }
}
