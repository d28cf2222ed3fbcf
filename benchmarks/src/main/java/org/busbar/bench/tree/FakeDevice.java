package org.busbar.bench.tree;

/**
 * One PCI function as a tree shows it.
 *
 * @param address where it is, as sysfs writes it: {@code 0000:01:00.0}
 * @param vendor vendor ID, 16 bits
 * @param device device ID, 16 bits
 * @param subsystemVendor subsystem vendor ID, 16 bits
 * @param subsystemDevice subsystem ID, 16 bits
 * @param classCode base class, subclass and programming interface, 24 bits
 * @param revision revision ID, 8 bits
 * @param kernelDriver the kernel driver that has it, or the empty string for none
 * @param numaNode its NUMA node, -1 for unknown
 */
public record FakeDevice(
        String address,
        int vendor,
        int device,
        int subsystemVendor,
        int subsystemDevice,
        int classCode,
        int revision,
        String kernelDriver,
        int numaNode) {

    private static final int BRIDGE_CLASS = 0x06;
    private static final int COMMAND_MEMORY_AND_MASTER = 0x0006;

    /** The alias by which the kernel finds a module for this device. */
    public String modalias() {
        return "pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X".formatted(
                vendor,
                device,
                subsystemVendor,
                subsystemDevice,
                classCode >> 16,
                classCode >> 8 & 0xff,
                classCode & 0xff);
    }

    /** Contents of the {@code uevent} attribute, with the fields in the kernel's order. */
    public String uevent() {
        String driver = kernelDriver.isEmpty() ? "" : "DRIVER=" + kernelDriver + "\n";
        return driver
                + "PCI_CLASS=%04X\nPCI_ID=%04X:%04X\nPCI_SUBSYS_ID=%04X:%04X\nPCI_SLOT_NAME=%s\nMODALIAS=%s\n"
                        .formatted(
                                classCode,
                                vendor,
                                device,
                                subsystemVendor,
                                subsystemDevice,
                                address,
                                modalias());
    }

    /** Contents of the {@code resource} attribute: six BARs, the expansion ROM, and room for the bridge windows. */
    public String resource() {
        long base = 0xe000_0000L + (address.hashCode() & 0x3fffL) * 0x1_0000;
        StringBuilder lines = new StringBuilder(13 * 57);
        if (isBridge()) {
            lines.append(resourceLine(0, 0, 0));
        } else {
            lines.append(resourceLine(base, base + 0x3fff, 0x0014_0204L));
        }
        for (int line = 1; line < 13; line++) {
            lines.append(resourceLine(0, 0, 0));
        }
        return lines.toString();
    }

    /** The first 256 bytes of config space: a correct header (PCI Local Bus 3.0, section 6.1), no capabilities. */
    public byte[] config() {
        byte[] config = new byte[256];
        putShort(config, 0x00, vendor);
        putShort(config, 0x02, device);
        putShort(config, 0x04, COMMAND_MEMORY_AND_MASTER);
        config[0x08] = (byte) revision;
        config[0x09] = (byte) classCode;
        putShort(config, 0x0a, classCode >> 8);
        config[0x0e] = (byte) (isBridge() ? 1 : 0);
        if (!isBridge()) {
            putShort(config, 0x2c, subsystemVendor);
            putShort(config, 0x2e, subsystemDevice);
            config[0x3d] = 1;
        }
        return config;
    }

    private static String resourceLine(long start, long end, long flags) {
        return "0x%016x 0x%016x 0x%016x\n".formatted(start, end, flags);
    }

    private boolean isBridge() {
        return classCode >> 8 == (BRIDGE_CLASS << 8 | 0x04);
    }

    private static void putShort(byte[] bytes, int offset, int value) {
        bytes[offset] = (byte) value;
        bytes[offset + 1] = (byte) (value >> 8);
    }
}
