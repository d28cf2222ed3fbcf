package org.busbar.pci;

import java.util.HexFormat;

/**
 * What a function says it is (PCI Local Bus 3.0, section 6.2.1).
 *
 * @param vendor vendor ID, 16 bits
 * @param device device ID, 16 bits
 * @param subsystemVendor subsystem vendor ID, 16 bits, 0 if it has none
 * @param subsystemDevice subsystem ID, 16 bits, 0 if it has none
 * @param classCode base class, sub-class and programming interface, 24 bits, for example 0x010802
 */
public record PciIds(int vendor, int device, int subsystemVendor, int subsystemDevice, int classCode) {

    private static final HexFormat HEX = HexFormat.of();

    public PciIds {
        if (((vendor | device | subsystemVendor | subsystemDevice) & ~0xffff) != 0 || (classCode & ~0xffffff) != 0) {
            throw new IllegalArgumentException("PCI ids have 16 bits and a class code 24: %x:%x:%x:%x class %x"
                    .formatted(vendor, device, subsystemVendor, subsystemDevice, classCode));
        }
    }

    /** Returns {@code vendor:device} in lowercase hex, for example {@code 8086:10d3}. */
    public String deviceText() {
        return HEX.toHexDigits((short) vendor) + ':' + HEX.toHexDigits((short) device);
    }

    /** Returns {@code vendor:device} of the subsystem in lowercase hex. */
    public String subsystemText() {
        return HEX.toHexDigits((short) subsystemVendor) + ':' + HEX.toHexDigits((short) subsystemDevice);
    }

    /** Returns the class code as six lowercase hex digits, for example {@code 010802}. */
    public String classText() {
        return HEX.toHexDigits(classCode, 6);
    }
}
