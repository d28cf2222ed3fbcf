package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;

/**
 * DEVICE_GET_IRQ_INFO.
 *
 * @param flags {@link #EVENTFD} and others
 * @param index which kind of interrupts: VFIO_PCI_..._IRQ_INDEX
 * @param count how many vectors there are
 */
public record InterruptInfo(int flags, int index, int count) {

    /** Interrupts come by event counters. */
    public static final int EVENTFD = 1;

    private static final int SIZE = 16;

    public static InterruptInfo decode(ByteBuffer bytes) throws MalformedMessageException {
        Form.requireExactly("DEVICE_GET_IRQ_INFO", bytes, SIZE);
        Form.requireArgsz("DEVICE_GET_IRQ_INFO", bytes.getInt(), SIZE);
        return new InterruptInfo(bytes.getInt(), bytes.getInt(), bytes.getInt());
    }

    public ByteBuffer encode() {
        return Form.buffer(SIZE).putInt(SIZE).putInt(flags).putInt(index).putInt(count).flip();
    }
}
