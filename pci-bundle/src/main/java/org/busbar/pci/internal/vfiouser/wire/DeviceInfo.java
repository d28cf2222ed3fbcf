package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;

/**
 * DEVICE_GET_INFO: asked for with zeros.
 *
 * @param flags {@link #RESET} and {@link #PCI}
 * @param regions how many regions there are
 * @param interrupts how many kinds of interrupts there are
 */
public record DeviceInfo(int flags, int regions, int interrupts) {

    /** The device can be reset. */
    public static final int RESET = 1;
    /** It is a PCI device. */
    public static final int PCI = 2;

    private static final int SIZE = 16;

    public static DeviceInfo decode(ByteBuffer bytes) throws MalformedMessageException {
        Form.require("DEVICE_GET_INFO", bytes, SIZE);
        Form.requireArgsz("DEVICE_GET_INFO", bytes.getInt(), SIZE);
        return new DeviceInfo(bytes.getInt(), bytes.getInt(), bytes.getInt());
    }

    public ByteBuffer encode() {
        return Form.buffer(SIZE).putInt(SIZE).putInt(flags).putInt(regions).putInt(interrupts).flip();
    }
}
